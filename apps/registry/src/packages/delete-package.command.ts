import { Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts';
import { matchVersion, Mutations, nameOf, type Mutation } from '../mutations.js';
import { projectOf, touch } from '../projects/project-of.js';
import { refused } from '../refusal.js';
import { shownPackage } from '../tree/persistence/entries.js';

/** Takes a package out of its project. What is at its source stays there. */
@Injectable()
export class DeletePackageCommand {
  constructor(private readonly mutations: Mutations) {}

  /** @throws RequestRefused: bad_name, not_found, stale_version */
  execute(mutation: Mutation): Promise<RegistryReply> {
    const { request } = mutation;
    const name = nameOf(request.name, 'package');
    return this.mutations.run(mutation, async (edit) => {
      const project = await projectOf(edit, request);
      const row = await edit.package(project.name, name);
      if (!row) throw refused('not_found', `The project ${project.name} has no package ${name}.`);
      matchVersion(request, row);
      await edit.removePackage(row);
      await touch(edit, project);
      return { package: shownPackage(row) };
    });
  }
}
