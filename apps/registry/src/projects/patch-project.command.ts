import { Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts/messages';
import { SealedBody } from '@signalbox/nest-service';
import { ConnectionVault } from '../connections/connection-vault.js';
import { Mutations, type Mutation } from '../mutations/mutations.js';
import { projectOf } from '../mutations/project-of.js';
import { matchVersion } from '../requests/match-version.js';
import { nameOf, refuseOtherName } from '../requests/resource-name.js';
import { putConnections } from './put-connections.js';
import { wantedProject } from './wanted-project.js';

/** Changes the readme or the connections of a project. Its packages have routes of their own. */
@Injectable()
export class PatchProjectCommand {
  constructor(
    private readonly mutations: Mutations,
    private readonly bodies: SealedBody,
    private readonly vault: ConnectionVault,
  ) {}

  /** @throws RequestRefused: bad_name, bad_request, invalid_value, not_found, stale_version, unavailable */
  execute(mutation: Mutation): Promise<RegistryReply> {
    const { request, context } = mutation;
    const body = this.bodies.of(request, context);
    const name = nameOf(request.project, 'project');
    refuseOtherName(body, name);
    const { readme, connections } = wantedProject(body);
    return this.mutations.run(mutation, async (tree) => {
      const before = await projectOf(tree, request);
      matchVersion(request, before);
      const project = await tree.putProject({ ...before, readme: readme ?? before.readme }, before);
      const dropped = connections && (await putConnections(tree, this.vault, { project: name, wanted: connections }));
      return { tree: await tree.contentOf(project), ...dropped };
    });
  }
}
