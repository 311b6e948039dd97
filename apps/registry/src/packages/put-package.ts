import type { JsonValue, Members } from '@signalbox/contracts/streams';
import { invalid, refused } from '../requests/refusal.js';
import { nameOf } from '../requests/resource-name.js';
import type { PackageRow, Plain } from '../tree/persistence/rows.js';
import type { TreeTransaction } from '../tree/tree-transaction.js';
import type { Asking } from '../jobs/asking.js';
import type { PackageLoader } from './package-loader.js';
import { PackageNotLoaded, type PackageContent } from './source/package-source.js';

const MAX_DESCRIPTION = 10_000;

export interface WantedPackage {
  readonly project: string;
  readonly name: string;
  readonly location: string | null;
  /** Undefined: the stored one stays. Null: that of the manifest counts. */
  readonly ownDescription?: string | null;
}

/** A wanted package and the outcome of loading it. */
export interface LoadedPackage {
  readonly wanted: WantedPackage;
  readonly outcome: PackageContent | PackageNotLoaded;
}

/** Validates the body of a package. @throws RequestRefused: bad_name, invalid_value */
export function wantedPackage(project: string, body: Members): WantedPackage {
  const { location, description } = body;
  const problems = [];
  if (location !== undefined && location !== null && typeof location !== 'string')
    problems.push({ path: 'location', message: 'must be text' });
  if (typeof location === 'string' && location.includes('\0'))
    problems.push({ path: 'location', message: 'must not hold the character NUL' });
  if (description !== undefined && description !== null && typeof description !== 'string')
    problems.push({ path: 'description', message: 'must be text' });
  if (typeof description === 'string' && description.length > MAX_DESCRIPTION)
    problems.push({ path: 'description', message: `must have at most ${MAX_DESCRIPTION} characters` });
  if (problems.length > 0) throw invalid(problems);
  return {
    project,
    name: nameOf(body['name'], 'package'),
    location: isGiven(location) ? location : null,
    ...(description === null && { ownDescription: null }),
    ...(isGiven(description) && { ownDescription: description.replaceAll('\0', '') }),
  };
}

/** A form sends an empty text for what was left blank. */
const isGiven = (value: JsonValue | undefined): value is string => typeof value === 'string' && value.trim() !== '';

/** Loads a package outside of any transaction, because that may take long. @throws RequestRefused: not_found, where there is no such package; busy */
export async function loadWanted(loader: PackageLoader, wanted: WantedPackage, asking: Asking): Promise<LoadedPackage> {
  const outcome = await loader.load(wanted, asking);
  if (outcome instanceof PackageNotLoaded)
    throw refused('not_found', `The package ${wanted.name} cannot be loaded. ${outcome.message}`);
  return { wanted, outcome };
}

/** Packages of one request that are loaded at once: it must not take all that its caller may have. */
export const LOADED_AT_ONCE = 4;

/** Writes a package with its loaded content into the tree. */
export async function putLoaded(
  tree: TreeTransaction,
  { wanted, outcome }: LoadedPackage,
  at: number,
): Promise<Plain<PackageRow>> {
  const { project, name, location } = wanted;
  const before = await tree.package(project, name);
  const { ownDescription = before?.ownDescription ?? null } = wanted;
  const common = { project, name, location, ownDescription };
  if (outcome instanceof PackageNotLoaded) {
    const row = await tree.putPackage({ ...common, description: null, readme: null, isLoaded: false }, before);
    await tree.reportError({ project, package: name, message: outcome.message }, at);
    return row;
  }
  const { description = null, readme = null } = outcome;
  return tree.putPackage({ ...common, description, readme, isLoaded: true }, before);
}
