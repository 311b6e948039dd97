import type { RegistryRequest } from '@signalbox/contracts/messages';
import { refused } from '../requests/refusal.js';
import { nameOf } from '../requests/resource-name.js';
import type { Plain, ProjectRow } from '../tree/persistence/rows.js';
import type { TreeTransaction } from '../tree/tree-transaction.js';

/** Locks and reads the project that a request names. @throws RequestRefused: bad_name, not_found */
export async function projectOf(tree: TreeTransaction, request: RegistryRequest): Promise<Plain<ProjectRow>> {
  const name = nameOf(request.project, 'project');
  await tree.lock(name);
  const project = await tree.project(name);
  if (!project) throw refused('not_found', `There is no project ${name}.`);
  return project;
}

/** Gives the project a new version, and so a new ETag, because something in it has changed. */
export async function touch(tree: TreeTransaction, project: Plain<ProjectRow>): Promise<void> {
  await tree.putProject(project, project);
}
