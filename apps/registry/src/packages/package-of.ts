import type { RegistryRequest } from '@signalbox/contracts/messages';
import { matchVersion } from '../requests/match-version.js';
import { refused } from '../requests/refusal.js';
import { nameOf } from '../requests/resource-name.js';
import type { PackageRow, Plain } from '../tree/persistence/rows.js';
import type { TreeReader } from '../tree/tree-reader.js';

/** The stored package that a request names. @throws RequestRefused: bad_name, not_found, stale_version */
export async function packageOf(tree: TreeReader, request: RegistryRequest): Promise<Plain<PackageRow>> {
  const [project, name] = [nameOf(request.project, 'project'), nameOf(request.name, 'package')];
  const row = await tree.package(project, name);
  if (!row) throw refused('not_found', `The project ${project} has no package ${name}.`);
  matchVersion(request, row);
  return row;
}
