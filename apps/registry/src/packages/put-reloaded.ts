import { touch } from '../projects/project-of.js';
import type { PackageRow, Plain } from '../tree/persistence/rows.js';
import type { TreeEdit } from '../tree/tree-edit.js';
import { PackageNotLoaded, type PackageContent } from './package-source.js';

/** A registered package, and what came of loading it once more. */
export interface ReloadedPackage {
  /** As it was when it was loaded. */
  readonly row: Plain<PackageRow>;
  readonly outcome: PackageContent | PackageNotLoaded;
  /** Whether one that is not there any longer stays listed as it was known; one whose source is silent does in any case. */
  readonly keepsListed: boolean;
}

/** Writes into the tree what has changed of it, and nothing where that is nothing. Holds its project against other changes. */
export async function putReloaded(edit: TreeEdit, { row, outcome, keepsListed }: ReloadedPackage, at: number): Promise<void> {
  await edit.lock(row.project);
  // It may have been changed or removed since it was read.
  const present = await edit.package(row.project, row.name);
  if (present?.version !== row.version) return;
  const now = reloaded(row, outcome, keepsListed);
  if (now.isLoaded !== row.isLoaded || now.description !== row.description || now.readme !== row.readme) {
    await edit.putPackage(now);
    const project = await edit.project(row.project);
    if (project) await touch(edit, project);
  }
  const subject = { project: row.project, package: row.name };
  if (outcome instanceof PackageNotLoaded) await edit.report({ ...subject, message: outcome.message }, at);
  else await edit.forgive(subject);
}

function reloaded(row: Plain<PackageRow>, outcome: PackageContent | PackageNotLoaded, keepsListed: boolean): Plain<PackageRow> {
  if (outcome instanceof PackageNotLoaded) return { ...row, isLoaded: row.isLoaded && (keepsListed || outcome.reason === 'unavailable') };
  return { ...row, isLoaded: true, description: outcome.description ?? null, readme: outcome.readme ?? null };
}
