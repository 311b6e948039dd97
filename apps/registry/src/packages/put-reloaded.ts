import { touch } from '../mutations/project-of.js';
import type { PackageRow, Plain } from '../tree/persistence/rows.js';
import type { TreeTransaction } from '../tree/tree-transaction.js';
import { PackageNotLoaded, type PackageContent } from './source/package-source.js';

/** A registered package, and what came of loading it once more. */
export interface ReloadedPackage {
  /** As it was when it was loaded. */
  readonly row: Plain<PackageRow>;
  readonly outcome: PackageContent | PackageNotLoaded;
  /** Whether one that is not there any longer stays listed as it was known; one whose source is silent does in any case. */
  readonly keepsListed: boolean;
}

/** Writes into the tree what has changed of it, and nothing where that is nothing. Holds its project against other changes. */
export async function putReloaded(tree: TreeTransaction, reloaded: ReloadedPackage, at: number): Promise<void> {
  const { row, outcome } = reloaded;
  await tree.lock(row.project);
  // It may have been changed or removed since it was read.
  const present = await tree.package(row.project, row.name);
  if (present?.version !== row.version) return;
  if (isChanged(reloaded)) {
    await tree.putPackage(rowOf(reloaded));
    const project = await tree.project(row.project);
    if (project) await touch(tree, project);
  }
  const subject = { project: row.project, package: row.name };
  if (outcome instanceof PackageNotLoaded) await tree.report({ ...subject, message: outcome.message }, at);
  else await tree.forgive(subject);
}

/** Whether it says or is anything else than before. */
export function isChanged(reloaded: ReloadedPackage): boolean {
  const [before, now] = [reloaded.row, rowOf(reloaded)];
  return now.isLoaded !== before.isLoaded || now.description !== before.description || now.readme !== before.readme;
}

function rowOf({ row, outcome, keepsListed }: ReloadedPackage): Plain<PackageRow> {
  if (outcome instanceof PackageNotLoaded)
    return { ...row, isLoaded: row.isLoaded && (keepsListed || outcome.reason === 'unavailable') };
  return { ...row, isLoaded: true, description: outcome.description ?? null, readme: outcome.readme ?? null };
}
