import type { RegistryRequest } from '@signalbox/contracts/messages';
import { nameOf } from '../mutations.js';
import { refused } from '../refusal.js';
import type { Plain, ProjectRow } from '../tree/persistence/rows.js';
import type { TreeEdit } from '../tree/tree-edit.js';

/** The project a request is about, held against whoever else changes it. @throws RequestRefused: bad_name, not_found */
export async function projectOf(edit: TreeEdit, request: RegistryRequest): Promise<Plain<ProjectRow>> {
  const name = nameOf(request.project, 'project');
  await edit.lock(name);
  const project = await edit.project(name);
  if (!project) throw refused('not_found', `There is no project ${name}.`);
  return project;
}

/** A project is another one when something in it changes: its ETag says so. */
export async function touch(edit: TreeEdit, project: Plain<ProjectRow>): Promise<void> {
  await edit.putProject(project);
}
