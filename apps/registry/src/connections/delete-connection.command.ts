import { Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts/messages';
import { Mutations, type Mutation } from '../mutations/mutations.js';
import { projectOf, touch } from '../mutations/project-of.js';
import { matchVersion } from '../requests/match-version.js';
import { refused } from '../requests/refusal.js';
import { nameOf } from '../requests/resource-name.js';
import { connectionEntryOf } from '../tree/persistence/entries.js';

/** Removes a connection, with its credentials. */
@Injectable()
export class DeleteConnectionCommand {
  constructor(private readonly mutations: Mutations) {}

  /** @throws RequestRefused: bad_name, not_found, stale_version */
  execute(mutation: Mutation): Promise<RegistryReply> {
    const { request } = mutation;
    const name = nameOf(request.name, 'connection');
    return this.mutations.run(mutation, async (tree) => {
      const project = await projectOf(tree, request);
      const row = await tree.connection(project.name, name);
      if (!row) throw refused('not_found', `The project ${project.name} has no connection ${name}.`);
      matchVersion(request, row);
      await tree.removeConnection(row);
      await touch(tree, project);
      return { connection: connectionEntryOf(row) };
    });
  }
}
