import { Inject, Injectable } from '@nestjs/common';
import { registryStream } from '@signalbox/contracts/streams';
import { CLOCK, NotOpenable, type Clock } from '@signalbox/platform';
import { Database } from '@signalbox/persistence';
import type { ConfiguredProject, RegistryConfig } from '../config-file/registry-config.rules.js';
import { ConnectionVault } from '../connections/connection-vault.js';
import { PackageLoader } from '../packages/package-loader.js';
import { isChanged, putReloaded } from '../packages/put-reloaded.js';
import { PackageNotLoaded } from '../packages/source/package-source.js';
import { changeTree } from '../tree/change-tree.js';
import { ConnectionRow, LoadErrorRow, PackageRow, type Plain } from '../tree/persistence/rows.js';
import { reportAll } from './report-all.js';

/** Loads all stored packages again and seals stored credentials with the current key. */
@Injectable()
export class ReloadStored {
  /** Keys of the load errors of the last attempt. */
  private failed: ReadonlySet<string> = new Set();

  constructor(
    private readonly database: Database,
    private readonly loader: PackageLoader,
    private readonly vault: ConnectionVault,
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
    for (const row of await this.database.dataSource.manager.find(ConnectionRow)) await this.reseal(row);
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

  /** Seals credentials of an older key with the current key. Clears the load error of credentials that can be opened again. */
  private async reseal(row: ConnectionRow): Promise<void> {
    const subject = { project: row.project, connection: row.name };
    try {
      const sealed = this.vault.resealed(row);
      if (sealed !== undefined)
        await this.database.dataSource.manager.update(
          ConnectionRow,
          { project: row.project, name: row.name, version: row.version },
          { sealed },
        );
      if (this.failed.has(registryStream.entries.loadError.key(subject)))
        await changeTree(this.database, (tree) => tree.clearError(subject));
    } catch (error) {
      if (!(error instanceof NotOpenable)) throw error;
      const message = `Its credentials cannot be opened: ${error.message}. Add that key to SIGNALBOX_SECRET_KEYS, or send the credentials again.`;
      await changeTree(this.database, (tree) => tree.reportError({ ...subject, message }, this.clock.now()));
    }
  }
}
