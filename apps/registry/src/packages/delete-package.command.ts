import { Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts/messages';
import { Mutations, type Mutation } from '../mutations/mutations.js';
import { projectOf, touch } from '../mutations/project-of.js';
import { shownPackage } from '../tree/persistence/entries.js';
import { packageOf } from './package-of.js';

/** Removes a package from its project. Its source is not changed. */
@Injectable()
export class DeletePackageCommand {
  constructor(private readonly mutations: Mutations) {}

  /** @throws RequestRefused: bad_name, not_found, stale_version */
  execute(mutation: Mutation): Promise<RegistryReply> {
    const { request } = mutation;
    return this.mutations.run(mutation, async (tree) => {
      const project = await projectOf(tree, request);
      const row = await packageOf(tree, request);
      await tree.removePackage(row);
      await touch(tree, project);
      return { package: shownPackage(row) };
    });
  }
}
