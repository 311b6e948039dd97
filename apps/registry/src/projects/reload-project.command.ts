import { Inject, Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts/messages';
import { Database } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { Mutations, type Mutation } from '../mutations/mutations.js';
import { projectOf } from '../mutations/project-of.js';
import type { Asking } from '../jobs/asking.js';
import { PackageLoader } from '../packages/package-loader.js';
import { LOADED_AT_ONCE } from '../packages/put-package.js';
import { putReloaded, type ReloadedPackage } from '../packages/put-reloaded.js';
import { inTurns } from '../packages/turns.js';
import { callerOf } from '../requests/caller-of.js';
import { nameOf } from '../requests/resource-name.js';
import { PackageRow } from '../tree/persistence/rows.js';

/** Loads all packages of a project again. One that cannot be loaded keeps its known content, and `loadErrors` gets the reason. */
@Injectable()
export class ReloadProjectCommand {
  constructor(
    private readonly mutations: Mutations,
    private readonly loader: PackageLoader,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws RequestRefused: bad_name, not_found, busy */
  execute(mutation: Mutation): Promise<RegistryReply> {
    const { request } = mutation;
    return this.mutations.runPrepared(
      mutation,
      (signal) => this.load(nameOf(request.project, 'project'), { caller: callerOf(request), signal }),
      async (tree, reloaded) => {
        const before = await projectOf(tree, request);
        for (const each of reloaded) await putReloaded(tree, each, this.clock.now());
        return { tree: await tree.contentOf((await tree.project(before.name)) ?? before) };
      },
    );
  }

  private async load(project: string, asking: Asking): Promise<ReloadedPackage[]> {
    const rows = await this.database.dataSource.manager.findBy(PackageRow, { project });
    return inTurns(rows, LOADED_AT_ONCE, async (row) => ({
      row,
      outcome: await this.loader.load(row, asking),
      keepsListed: true,
    }));
  }
}
