import { Inject, Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts';
import { Database } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { matchVersion, Mutations, nameOf, type Mutation } from '../mutations.js';
import { projectOf, touch } from '../projects/project-of.js';
import { refused } from '../refusal.js';
import { SealedBody } from '../sealed-body.js';
import { shownPackage } from '../tree/persistence/entries.js';
import { TreeEdit } from '../tree/tree-edit.js';
import { PackageLoader } from './package-loader.js';
import { loadWanted, putLoaded, wantedPackage } from './put-package.js';

/** Changes a package's description or location; with either it is loaded anew. */
@Injectable()
export class PatchPackageCommand {
  constructor(
    private readonly database: Database,
    private readonly mutations: Mutations,
    private readonly bodies: SealedBody,
    private readonly loader: PackageLoader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws RequestRefused: bad_name, bad_request, invalid_value, not_found, stale_version */
  async execute(mutation: Mutation): Promise<RegistryReply> {
    const answered = await this.mutations.begin(mutation);
    if (answered) return answered;
    const { request } = mutation;
    const [project, name] = [nameOf(request.project, 'project'), nameOf(request.name, 'package')];
    const patch = wantedPackage(project, { ...this.bodies.of(request), name });
    const known = await new TreeEdit(this.database.dataSource.manager).package(project, name);
    const loaded = await loadWanted(this.loader, { ...patch, location: patch.location ?? known?.location ?? null });
    return this.mutations.run(mutation, async (edit) => {
      const row = await projectOf(edit, request);
      const before = await edit.package(project, name);
      if (!before) throw refused('not_found', `The project ${project} has no package ${name}.`);
      matchVersion(request, before);
      const saved = await putLoaded(edit, loaded, this.clock.now());
      await touch(edit, row);
      return { package: shownPackage(saved) };
    });
  }
}
