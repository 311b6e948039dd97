import { RequestError } from '@signalbox/messaging';
import { ApiError, type ErrorCode, type FieldProblem } from '../http/errors/api-error.js';
import { nothingReceived } from '../state/owner-errors.js';

/** The refusals of datasource-sync as API errors. */
const REFUSALS: Readonly<Record<string, { readonly status: number; readonly code: ErrorCode }>> = {
  bad_request: { status: 400, code: 'invalid_value' },
  invalid_request: { status: 400, code: 'invalid_request' },
  invalid_value: { status: 400, code: 'invalid_value' },
  wrong_kind: { status: 400, code: 'wrong_datasource_kind' },
  target_refused: { status: 403, code: 'target_not_allowed' },
  mode_refused: { status: 403, code: 'mode_not_allowed' },
  too_many: { status: 409, code: 'too_many_datasources' },
  quota_exceeded: { status: 409, code: 'quota_exceeded' },
  busy: { status: 409, code: 'datasource_busy' },
};

/** The same for an id that is not known and for one of another account. */
export const datasourceNotFound = (id: string): ApiError =>
  new ApiError({ status: 404, code: 'datasource_not_found', detail: `There is no datasource ${id}.` });

/** Before the first snapshot. */
export const datasourcesUnknown = (): ApiError => nothingReceived('datasource-sync', 'which datasources exist');

/** @param isChange whether something may have been done */
export function datasourceErrorOf(error: unknown, { id = '', isChange }: { id?: string; isChange: boolean }): unknown {
  if (!(error instanceof RequestError)) return error;
  if (error.maybeDone) return isChange ? outcomeUnknown() : unanswered();
  if (error.code !== 'refused') return notServing('datasource-sync cannot be reached.');
  const { remoteCode = '', message } = error;
  if (remoteCode === 'not_found') return datasourceNotFound(id);
  const known = REFUSALS[remoteCode];
  if (known)
    return new ApiError({ ...known, detail: message, ...(known.code === 'invalid_value' && problemsOf(message)) });
  if (remoteCode === 'unavailable') return notServing(message);
  if (remoteCode === 'storage_unavailable') return notServing('The database of datasource-sync cannot be reached.');
  return error;
}

/** Nothing can be changed at present. */
export const notServing = (why: string): ApiError =>
  new ApiError({
    status: 503,
    code: 'not_serving',
    detail: `${why} Nothing was changed; try again in a moment.`,
    headers: { 'retry-after': '2' },
  });

const outcomeUnknown = (): ApiError =>
  new ApiError({
    status: 504,
    code: 'outcome_unknown',
    detail: 'datasource-sync did not answer in time: the change may have been made or not. Check before you try again.',
  });

const unanswered = (): ApiError =>
  new ApiError({
    status: 504,
    code: 'not_ready',
    detail: 'datasource-sync did not answer in time. Try again in a moment.',
  });

/** A refusal that is about a member begins with its name: `endpoint: must be https`. */
function problemsOf(message: string): { fields?: FieldProblem[] } {
  const [, path, problem] = /^([A-Za-z][\w.]*): (.+)$/s.exec(message) ?? [];
  return path === undefined || problem === undefined ? {} : { fields: [{ path, message: problem }] };
}
