import { Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts/messages';
import { Mutations, type Mutation } from '../mutations/mutations.js';
import { projectOf } from '../mutations/project-of.js';
import { matchVersion } from '../requests/match-version.js';
import { ProjectFolders } from './project-folders.js';

/** Removes a project with its connections and packages. The sources of the packages are not changed. */
@Injectable()
export class DeleteProjectCommand {
  constructor(
    private readonly mutations: Mutations,
    private readonly folders: ProjectFolders,
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
    if (reply.tree) await this.folders.remove(reply.tree.project.name);
    return reply;
  }
}
