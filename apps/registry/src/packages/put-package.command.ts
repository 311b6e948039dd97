import { Inject, Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts/messages';
import { SealedBody } from '@signalbox/nest-service';
import { CLOCK, type Clock } from '@signalbox/platform';
import { Mutations, type Mutation } from '../mutations/mutations.js';
import { projectOf, touch } from '../mutations/project-of.js';
import { callerOf } from '../requests/caller-of.js';
import { nameOf } from '../requests/resource-name.js';
import { shownPackage } from '../tree/persistence/entries.js';
import { PackageLoader } from './package-loader.js';
import { loadWanted, putLoaded, wantedPackage, type LoadedPackage } from './put-package.js';

/** Adds a package to a project, or loads the package with this name again. */
@Injectable()
export class PutPackageCommand {
  constructor(
    private readonly mutations: Mutations,
    private readonly bodies: SealedBody,
    private readonly loader: PackageLoader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws RequestRefused: bad_name, bad_request, invalid_value, not_found (the project, or anything at the location), busy */
  execute(mutation: Mutation): Promise<RegistryReply> {
    const { request } = mutation;
    const load = async (signal: AbortSignal): Promise<LoadedPackage> =>
      loadWanted(
        this.loader,
        wantedPackage(nameOf(request.project, 'project'), this.bodies.of(request, mutation.context)),
        {
          caller: callerOf(request),
          signal,
        },
      );
    return this.mutations.runPrepared(mutation, load, async (tree, loaded) => {
      const project = await projectOf(tree, request);
      const row = await putLoaded(tree, loaded, this.clock.now());
      await touch(tree, project);
      return { package: shownPackage(row) };
    });
  }
}
