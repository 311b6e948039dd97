import { touch } from '../mutations/project-of.js';
import type { PackageRow, Plain } from '../tree/persistence/rows.js';
import type { TreeTransaction } from '../tree/tree-transaction.js';
import { PackageNotLoaded, type PackageContent } from './source/package-source.js';

/** A registered package and the outcome of loading it again. */
export interface ReloadedPackage {
  /** The row from which it was loaded. */
  readonly row: Plain<PackageRow>;
  readonly outcome: PackageContent | PackageNotLoaded;
  /** Whether a package that is missing stays listed with its known content. A package whose source does not answer always does. */
  readonly keepsListed: boolean;
}

/** Writes the changes of the package into the tree, if there are any. Locks its project. */
export async function putReloaded(tree: TreeTransaction, reloaded: ReloadedPackage, at: number): Promise<void> {
  const { row, outcome } = reloaded;
  await tree.lock(row.project);
  // The package may have been changed or removed since its row was read.
  const present = await tree.package(row.project, row.name);
  if (present?.version !== row.version) return;
  if (isChanged(reloaded)) {
    await tree.putPackage(rowOf(reloaded), present);
    const project = await tree.project(row.project);
    if (project) await touch(tree, project);
  }
  const subject = { project: row.project, package: row.name };
  if (outcome instanceof PackageNotLoaded) await tree.reportError({ ...subject, message: outcome.message }, at);
  else await tree.clearError(subject);
}

/** Whether its content or its availability has changed. */
export function isChanged(reloaded: ReloadedPackage): boolean {
  const [before, now] = [reloaded.row, rowOf(reloaded)];
  return now.isLoaded !== before.isLoaded || now.description !== before.description || now.readme !== before.readme;
}

function rowOf({ row, outcome, keepsListed }: ReloadedPackage): Plain<PackageRow> {
  if (outcome instanceof PackageNotLoaded)
    return { ...row, isLoaded: row.isLoaded && (keepsListed || outcome.reason === 'unavailable') };
  return { ...row, isLoaded: true, description: outcome.description ?? null, readme: outcome.readme ?? null };
}
