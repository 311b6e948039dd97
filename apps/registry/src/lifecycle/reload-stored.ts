import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, NotOpenable, type Clock } from '@signalbox/platform';
import { Database } from '@signalbox/persistence';
import type { RegistryConfig } from '../config-file/registry-config.js';
import { ConnectionVault } from '../connections/connection-vault.js';
import { PackageLoader } from '../packages/package-loader.js';
import { PackageNotLoaded, type PackageContent } from '../packages/package-source.js';
import { touch } from '../projects/project-of.js';
import { ConnectionRow, LoadErrorRow, PackageRow, type Plain } from '../tree/persistence/rows.js';
import { editTree } from '../tree/edit-tree.js';
import { loadErrorKey as keyOf, type TreeEdit } from '../tree/tree-edit.js';

/** Looks again at what is stored: packages may have changed, come or gone where they are; keys may have been changed. */
@Injectable()
export class ReloadStored {
  /** What could not be loaded when it was last tried. */
  private failed: ReadonlySet<string> = new Set();

  constructor(
    private readonly database: Database,
    private readonly loader: PackageLoader,
    private readonly vault: ConnectionVault,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ problems }: RegistryConfig, signal: AbortSignal): Promise<void> {
    await editTree(this.database, async (edit) => {
      // What the file says of its projects was said at the first load; what is wrong with it as a whole is so now.
      const general = problems.find(({ project }) => project === undefined);
      if (general) await edit.report(general, this.clock.now());
      else await edit.forgive({});
    });
    const errors = await this.database.dataSource.manager.find(LoadErrorRow);
    this.failed = new Set(errors.map(({ key }) => key));
    for (const row of await this.database.dataSource.manager.find(ConnectionRow)) await this.reseal(row);
    const packages = await this.database.dataSource.manager.find(PackageRow);
    await Promise.all(packages.map((row) => this.reload(row, signal)));
  }

  private async reload(row: Plain<PackageRow>, signal: AbortSignal): Promise<void> {
    const outcome = await this.loader.load(row, signal);
    if (signal.aborted) return;
    const problem = outcome instanceof PackageNotLoaded ? outcome : undefined;
    const now = outcome instanceof PackageNotLoaded ? { ...row, isLoaded: row.isLoaded && outcome.reason === 'unavailable' } : { ...row, isLoaded: true, ...shownOf(outcome) };
    const isSame = now.isLoaded === row.isLoaded && now.description === row.description && now.readme === row.readme;
    const subject = { project: row.project, package: row.name };
    if (isSame && !problem && !this.failed.has(keyOf(subject))) return;
    await editTree(this.database, async (edit) => {
      await edit.lock(row.project);
      // It may have been changed or removed since it was read.
      const present = await edit.package(row.project, row.name);
      if (present?.version !== row.version) return;
      if (!isSame) await this.put(edit, now);
      if (problem) await edit.report({ ...subject, message: problem.message }, this.clock.now());
      else await edit.forgive(subject);
    });
  }

  private async put(edit: TreeEdit, row: Plain<PackageRow>): Promise<void> {
    await edit.putPackage(row);
    const project = await edit.project(row.project);
    if (project) await touch(edit, project);
  }

  /** Credentials that an older key sealed are sealed by the present one; what could not be opened and now can is forgiven. */
  private async reseal(row: ConnectionRow): Promise<void> {
    const subject = { project: row.project, connection: row.name };
    try {
      const sealed = this.vault.resealed(row);
      if (sealed !== undefined) await this.database.dataSource.manager.update(ConnectionRow, { project: row.project, name: row.name, version: row.version }, { sealed });
      if (this.failed.has(keyOf(subject))) await editTree(this.database, (edit) => edit.forgive(subject));
    } catch (error) {
      if (!(error instanceof NotOpenable)) throw error;
      const message = `Its credentials cannot be opened: ${error.message}. Add that key to SIGNALBOX_SECRET_KEYS, or send the credentials again.`;
      await editTree(this.database, (edit) => edit.report({ ...subject, message }, this.clock.now()));
    }
  }
}

/** What a package says of itself, as its row has it. */
function shownOf({ description, readme }: PackageContent): Pick<PackageRow, 'description' | 'readme'> {
  return { description: description ?? null, readme: readme ?? null };
}
