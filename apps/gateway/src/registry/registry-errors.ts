import { BUSY_RETRY_SECONDS, type ProjectTree } from '@signalbox/contracts/messages';
import type { ConnectionEntry } from '@signalbox/contracts/streams';
import { RequestError } from '@signalbox/messaging';
import { ApiError, type ErrorCode } from '../http/errors/api-error.js';
import type { RegistryView } from './registry.view.js';

/** The refusals of the registry as API errors. */
const REFUSALS: Readonly<Record<string, { readonly status: number; readonly code: ErrorCode }>> = {
  frozen: { status: 403, code: 'frozen_config' },
  bad_name: { status: 400, code: 'invalid_name' },
  bad_request: { status: 400, code: 'invalid_request' },
  invalid_request: { status: 400, code: 'invalid_request' },
  invalid_value: { status: 422, code: 'invalid_value' },
  not_found: { status: 404, code: 'resource_not_found' },
  duplicate: { status: 409, code: 'duplicate_resource' },
  quota_exceeded: { status: 409, code: 'quota_exceeded' },
  stale_version: { status: 412, code: 'stale_version' },
};

/** Refusals that pass. */
const NOT_NOW: ReadonlySet<string> = new Set(['initializing', 'draining', 'unavailable']);

/** The registry accepts no writes at present. */
export const notServing = (detail: string): ApiError =>
  new ApiError({
    status: 503,
    code: 'not_serving',
    detail: `${detail} Nothing was changed; try again in a moment.`,
    headers: { 'retry-after': '1' },
  });

/** The registry does as much at once as it may, of this caller or in all. */
const busy = (detail: string): ApiError =>
  new ApiError({
    status: 503,
    code: 'registry_busy',
    detail,
    headers: { 'retry-after': String(BUSY_RETRY_SECONDS) },
  });

export const resourceNotFound = (detail: string): ApiError =>
  new ApiError({ status: 404, code: 'resource_not_found', detail });

/** A project with its connections and packages. @throws ApiError 404 */
export function projectIn(view: RegistryView, name: string): ProjectTree {
  const tree = view.tree(name);
  if (!tree) throw resourceNotFound(`There is no project ${name}.`);
  return tree;
}

/** @throws ApiError 404 where there is no such connection, or not even the project */
export function connectionIn(
  view: RegistryView,
  { project, name }: { project: string; name: string },
): ConnectionEntry {
  const entry = view.connection(project, name);
  if (entry) return entry;
  projectIn(view, project);
  throw resourceNotFound(`The project ${project} has no connection ${name}.`);
}

/** The error of a request to the registry as the client gets it. */
export function registryErrorOf(error: unknown): unknown {
  if (!(error instanceof RequestError)) return error;
  if (error.maybeDone) {
    return new ApiError({
      status: 504,
      code: 'outcome_unknown',
      detail: 'The registry did not answer in time: the change may have been made or not. Check before you try again.',
    });
  }
  if (error.code !== 'refused') return notServing('The registry cannot be reached.');
  const known = REFUSALS[error.remoteCode ?? ''];
  if (known) return new ApiError({ ...known, detail: error.message });
  if (error.remoteCode === 'busy') return busy(error.message);
  if (error.remoteCode === 'storage_unavailable') return notServing('The database of the registry cannot be reached.');
  if (NOT_NOW.has(error.remoteCode ?? '')) return notServing(error.message);
  return error;
}
