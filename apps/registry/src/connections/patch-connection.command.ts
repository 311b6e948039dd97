import { Injectable } from '@nestjs/common';
import { withoutBlanks } from '@signalbox/contracts/http';
import { type RegistryReply } from '@signalbox/contracts/messages';
import { SealedBody } from '@signalbox/nest-service';
import { Mutations, type Mutation } from '../mutations/mutations.js';
import { projectOf, touch } from '../mutations/project-of.js';
import { matchVersion } from '../requests/match-version.js';
import { invalid, refused } from '../requests/refusal.js';
import { nameOf, refuseOtherName } from '../requests/resource-name.js';
import { connectionEntryOf } from '../tree/persistence/entries.js';
import { changedConnection } from './changed-connection.js';
import { ConnectionVault } from './connection-vault.js';
import { droppedOf } from './dropped-credentials.js';

/** Changes members of a connection. What is left out or blank, a password for example, stays, unless its target is changed. */
@Injectable()
export class PatchConnectionCommand {
  constructor(
    private readonly mutations: Mutations,
    private readonly bodies: SealedBody,
    private readonly vault: ConnectionVault,
  ) {}

  /** @throws RequestRefused: bad_name, bad_request, invalid_value, not_found, stale_version, unavailable */
  execute(mutation: Mutation): Promise<RegistryReply> {
    const { request, context } = mutation;
    const name = nameOf(request.name, 'connection');
    const patch = withoutBlanks(this.bodies.of(request, context));
    refuseOtherName(patch, name);
    return this.mutations.run(mutation, async (tree) => {
      const project = await projectOf(tree, request);
      const row = await tree.connection(project.name, name);
      if (!row) throw refused('not_found', `The project ${project.name} has no connection ${name}.`);
      matchVersion(request, row);
      if (patch['type'] !== undefined && patch['type'] !== row.type) {
        throw invalid([
          {
            path: 'type',
            message: `cannot be changed: delete the connection, which is ${row.type}, and create another`,
          },
        ]);
      }
      const { connection, dropped } = changedConnection(this.vault, { row, patch });
      const saved = await tree.putConnection(this.vault.toRow(project.name, connection, row.isConfigured));
      await touch(tree, project);
      return { connection: connectionEntryOf(saved), ...droppedOf([{ connection: name, members: dropped }]) };
    });
  }
}
