import { Inject, Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts/messages';
import { Database } from '@signalbox/persistence';
import { describeError, LOGGER, type Logger } from '@signalbox/platform';
import { Mutations, type Mutation } from '../mutations/mutations.js';
import { projectOf } from '../mutations/project-of.js';
import { matchVersion } from '../requests/match-version.js';
import { changeTree } from '../tree/change-tree.js';
import { ProjectFolders } from './project-folders.js';

/** Removes a project with its connections and packages. The sources of the packages are not changed. */
@Injectable()
export class DeleteProjectCommand {
  constructor(
    private readonly mutations: Mutations,
    private readonly folders: ProjectFolders,
    private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws RequestRefused: bad_name, not_found, stale_version */
  async execute(mutation: Mutation): Promise<RegistryReply> {
    const reply = await this.mutations.run(mutation, async (tree) => {
      const project = await projectOf(tree, mutation.request);
      matchVersion(mutation.request, project);
      const content = await tree.contentOf(project);
      await tree.removeProject(project.name);
      return { tree: content };
    });
    if (reply.tree) await this.removeFolder(reply.tree.project.name);
    return reply;
  }

  /** After the commit, so that no project that stays loses its directory. One that is left behind is in the way of nothing. */
  private async removeFolder(project: string): Promise<void> {
    try {
      await changeTree(this.database, (tree) => this.folders.removeUnused(tree, project));
    } catch (error) {
      this.logger.warn({ project, reason: describeError(error) }, 'directory of a deleted project not removed');
    }
  }
}
