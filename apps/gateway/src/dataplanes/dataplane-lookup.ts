import { ApiError } from '../http/errors/api-error.js';
import { nothingReceived } from '../state/owner-errors.js';
import type { DataplaneRecord, DataplaneView } from './dataplane.view.js';

/** @throws ApiError 404, or 503 before the first snapshot */
export function findDataplane(view: DataplaneView, name: string): DataplaneRecord {
  const found = view.dataplane(name);
  if (found) return found;
  requireSnapshot(view);
  throw new ApiError({
    status: 404,
    code: 'dataplane_not_found',
    detail: `There is no dataplane ${name}: it has never reported, or it was removed.`,
  });
}

/** @throws ApiError 503 before the first snapshot */
export function requireSnapshot(view: DataplaneView): void {
  if (view.hasSnapshot) return;
  throw nothingReceived('dataplane-control', 'which dataplanes exist');
}
