import { ApiError } from '../http/errors/api-error.js';
import type { DataplaneRecord, DataplaneView } from './dataplane.view.js';

/** @throws ApiError 404, or 503 before the first snapshot */
export function findDataplane(view: DataplaneView, name: string): DataplaneRecord {
  const found = view.dataplane(name);
  if (found) return found;
  requireSnapshot(view);
  throw new ApiError({ status: 404, code: 'dataplane_not_found', detail: `No dataplane ${name} has ever reported.` });
}

/** @throws ApiError 503 before the first snapshot */
export function requireSnapshot(view: DataplaneView): void {
  if (view.hasSnapshot) return;
  throw new ApiError({
    status: 503,
    code: 'not_ready',
    detail: 'This gateway has received nothing from dataplane-control yet and does not know which dataplanes exist.',
    suggestion: 'Try again in a moment. If the error stays, check that dataplane-control runs.',
    headers: { 'retry-after': '2' },
  });
}
