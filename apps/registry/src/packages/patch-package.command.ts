import { Inject, Injectable } from '@nestjs/common';
import type { RegistryReply, RegistryRequest } from '@signalbox/contracts';
import { Database } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { matchVersion, Mutations, nameOf, type Mutation } from '../mutations.js';
import { projectOf, touch } from '../projects/project-of.js';
import { refused } from '../refusal.js';
import { SealedBody } from '../sealed-body.js';
import { shownPackage } from '../tree/persistence/entries.js';
import { PackageRow } from '../tree/persistence/rows.js';
import { PackageLoader } from './package-loader.js';
import { loadWanted, putLoaded, wantedPackage, type LoadedPackage } from './put-package.js';

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
  execute(mutation: Mutation): Promise<RegistryReply> {
    const { request } = mutation;
    return this.mutations.runPrepared(mutation, () => this.load(request), async (edit, loaded) => {
      const project = await projectOf(edit, request);
      const { name } = loaded.wanted;
      const before = await edit.package(project.name, name);
      if (!before) throw refused('not_found', `The project ${project.name} has no package ${name}.`);
      matchVersion(request, before);
      const saved = await putLoaded(edit, loaded, this.clock.now());
      await touch(edit, project);
      return { package: shownPackage(saved) };
    });
  }

  /** From the location that is given, or from where it was loaded before. */
  private async load(request: RegistryRequest): Promise<LoadedPackage> {
    const [project, name] = [nameOf(request.project, 'project'), nameOf(request.name, 'package')];
    const patch = wantedPackage(project, { ...this.bodies.of(request), name });
    const known = await this.database.dataSource.manager.findOneBy(PackageRow, { project, name });
    return loadWanted(this.loader, { ...patch, location: patch.location ?? known?.location ?? null });
  }
}
