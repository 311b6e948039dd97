import { Injectable, Inject } from '@nestjs/common';
import type { RegistryReply, RegistryRequest } from '@signalbox/contracts/messages';
import type { Members } from '@signalbox/contracts/streams';
import { SealedBody } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { Mutations, StalePreparation, type Mutation } from '../mutations/mutations.js';
import { projectOf, touch } from '../mutations/project-of.js';
import { callerOf } from '../requests/caller-of.js';
import { nameOf, refuseOtherName } from '../requests/resource-name.js';
import { shownPackage } from '../tree/persistence/entries.js';
import { TreeReader } from '../tree/tree-reader.js';
import { PackageLoader } from './package-loader.js';
import { packageOf } from './package-of.js';
import { loadWanted, putLoaded, wantedPackage, type LoadedPackage } from './put-package.js';

interface PreparedPatch {
  readonly loaded: LoadedPackage;
  /** Version of the package from which it was prepared. */
  readonly version: number;
}

/** Changes the description or the location of a package, or neither, and loads it again. */
@Injectable()
export class PatchPackageCommand {
  constructor(
    private readonly mutations: Mutations,
    private readonly bodies: SealedBody,
    private readonly loader: PackageLoader,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws RequestRefused: bad_name, bad_request, invalid_value, not_found, stale_version, busy */
  execute(mutation: Mutation): Promise<RegistryReply> {
    return this.change(mutation, () => this.bodies.of(mutation.request, mutation.context));
  }

  /** Loads the package again and changes nothing else. @throws RequestRefused: bad_name, not_found, stale_version, busy */
  reload(mutation: Mutation): Promise<RegistryReply> {
    return this.change(mutation, () => ({}));
  }

  private change(mutation: Mutation, bodyOf: () => Members): Promise<RegistryReply> {
    const { request } = mutation;
    return this.mutations.runPrepared(
      mutation,
      (signal) => this.prepare(request, bodyOf(), signal),
      async (tree, { loaded, version }) => {
        const project = await projectOf(tree, request);
        // Its location may have changed meanwhile, or its readme may be newer than the one that was read.
        if ((await packageOf(tree, request)).version !== version) throw new StalePreparation();
        const saved = await putLoaded(tree, loaded, this.clock.now());
        await touch(tree, project);
        return { package: shownPackage(saved) };
      },
    );
  }

  /** Loads it from the given location, else from the stored one. */
  private async prepare(request: RegistryRequest, body: Members, signal: AbortSignal): Promise<PreparedPatch> {
    const [project, name] = [nameOf(request.project, 'project'), nameOf(request.name, 'package')];
    refuseOtherName(body, name);
    const wanted = wantedPackage(project, { ...body, name });
    const { version, location } = await packageOf(new TreeReader(this.database.dataSource.manager), request);
    const asking = { caller: callerOf(request), signal };
    return {
      loaded: await loadWanted(this.loader, { ...wanted, location: wanted.location ?? location }, asking),
      version,
    };
  }
}
