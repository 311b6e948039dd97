import { Injectable } from '@nestjs/common';
import { withoutBlanks } from '@signalbox/contracts/http';
import type { RegistryReply } from '@signalbox/contracts/messages';
import { SealedBody } from '@signalbox/nest-service';
import { Mutations, type Mutation } from '../mutations/mutations.js';
import { projectOf, touch } from '../mutations/project-of.js';
import { refused } from '../requests/refusal.js';
import { nameOf, refuseOtherName } from '../requests/resource-name.js';
import { connectionEntryOf } from '../tree/persistence/entries.js';
import { checkConnection } from './check-connection.js';
import { ConnectionVault } from './connection-vault.js';

/** Adds a connection to a project. */
@Injectable()
export class CreateConnectionCommand {
  constructor(
    private readonly mutations: Mutations,
    private readonly bodies: SealedBody,
    private readonly vault: ConnectionVault,
  ) {}

  /** @throws RequestRefused: bad_name, bad_request, invalid_value, not_found (the project), duplicate */
  execute(mutation: Mutation): Promise<RegistryReply> {
    const { request, context } = mutation;
    const name = nameOf(request.name, 'connection');
    const body = withoutBlanks(this.bodies.of(request, context));
    refuseOtherName(body, name);
    const connection = checkConnection({ ...body, name });
    return this.mutations.run(mutation, async (tree) => {
      const project = await projectOf(tree, request);
      if (await tree.connection(project.name, name))
        throw refused('duplicate', `The project ${project.name} has a connection ${name} already.`);
      const row = await tree.putConnection(this.vault.toRow(project.name, connection));
      await touch(tree, project);
      return { connection: connectionEntryOf(row) };
    });
  }
}
