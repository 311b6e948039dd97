import { Inject, Injectable } from '@nestjs/common';
import { registryStream } from '@signalbox/contracts/streams';
import { CLOCK, type Clock } from '@signalbox/platform';
import { Database } from '@signalbox/persistence';
import type { ConfiguredProject, RegistryConfig } from '../config-file/registry-config.rules.js';
import { PackageLoader } from '../packages/package-loader.js';
import { isChanged, putReloaded } from '../packages/put-reloaded.js';
import { PackageNotLoaded } from '../packages/source/package-source.js';
import { changeTree } from '../tree/change-tree.js';
import { LoadErrorRow, PackageRow, type Plain } from '../tree/persistence/rows.js';
import { reportAll } from './report-all.js';
import { ResealStored } from './reseal-stored.js';

/** Seals stored credentials again where that is due, and loads all stored packages again. */
@Injectable()
export class ReloadStored {
  /** Keys of the load errors of the last attempt. */
  private failed: ReadonlySet<string> = new Set();

  constructor(
    private readonly database: Database,
    private readonly loader: PackageLoader,
    private readonly reseal: ResealStored,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ isReadable, projects, problems }: RegistryConfig, signal: AbortSignal): Promise<void> {
    if (isReadable) await this.recordOrigins(projects);
    await changeTree(this.database, async (tree) => {
      // Problems of single projects were reported at the first load; only problems of the whole file are current.
      await tree.clearError({});
      await reportAll(
        tree,
        problems.filter(({ project }) => project === undefined),
        this.clock.now(),
      );
    });
    const errors = await this.database.dataSource.manager.find(LoadErrorRow);
    this.failed = new Set(errors.map(({ key }) => key));
    await this.reseal.execute(this.failed, signal);
    const packages = await this.database.dataSource.manager.find(PackageRow);
    await Promise.all(packages.map((row) => this.reload(row, signal)));
  }

  /** Of connections that a release stored which did not record their origin: those that the file has come from it. */
  private async recordOrigins(projects: readonly ConfiguredProject[]): Promise<void> {
    await changeTree(this.database, async (tree) => {
      for (const row of await tree.connectionsOfUnknownOrigin()) {
        const configured = projects.find(({ name }) => name === row.project)?.connections ?? [];
        const isConfigured = configured.some(({ name, type }) => name === row.name && type === row.type);
        await tree.putConnection({ ...row, isConfigured });
      }
    });
  }

  private async reload(row: Plain<PackageRow>, signal: AbortSignal): Promise<void> {
    const reloaded = { row, outcome: await this.loader.load(row, { caller: undefined, signal }), keepsListed: false };
    if (signal.aborted) return;
    // Most packages are unchanged and need no transaction; there may be thousands.
    const hasErred =
      reloaded.outcome instanceof PackageNotLoaded ||
      this.failed.has(registryStream.entries.loadError.key({ project: row.project, package: row.name }));
    if (hasErred || isChanged(reloaded))
      await changeTree(this.database, (tree) => putReloaded(tree, reloaded, this.clock.now()));
  }
}
