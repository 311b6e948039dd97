import { HttpException } from '@nestjs/common';
import { isUnavailable, OutcomeUnknown } from '@signalbox/persistence';
import { ApiError, type ErrorCode } from './api-error.js';

const WRONG_TYPE = 'The body must be JSON: send it with Content-Type: application/json.';

export const unsupportedMediaType = (): ApiError =>
  new ApiError({ status: 415, code: 'unsupported_media_type', detail: WRONG_TYPE });

/** Errors that the framework throws, by status. */
const FRAMEWORK_ERRORS: Record<number, { code: ErrorCode; detail?: string }> = {
  400: { code: 'invalid_request' },
  404: { code: 'not_found' },
  413: { code: 'payload_too_large', detail: 'The request body is larger than this server takes.' },
  415: { code: 'unsupported_media_type', detail: WRONG_TYPE },
};

/** Maps anything thrown to an answer. An unexpected error becomes a 500 that reveals nothing of its cause. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof OutcomeUnknown) {
    return new ApiError({
      status: 504,
      code: 'outcome_unknown',
      detail: 'The connection to the database was lost during the commit: the change may have been made or not.',
      suggestion: 'Check whether the change was made before you try again.',
    });
  }
  if (isUnavailable(thrown)) {
    return new ApiError({
      status: 503,
      code: 'storage_unavailable',
      detail:
        'The database cannot be reached or is too busy, so nothing was changed. Reads that need no database still work.',
      suggestion: 'Try again in a moment.',
      headers: { 'retry-after': '5' },
    });
  }
  const status = statusOf(thrown);
  if (status === undefined || status >= 500) {
    return new ApiError({
      status: 500,
      code: 'internal_error',
      detail: 'An internal error occurred. The logs contain it under this request id.',
    });
  }
  const message = thrown instanceof Error ? thrown.message : 'The request could not be handled.';
  if (status === 400 && /JSON/.test(message)) {
    return new ApiError({ status, code: 'malformed_json', detail: 'The request body is not valid JSON.' });
  }
  const known = FRAMEWORK_ERRORS[status] ?? { code: 'invalid_request' as const };
  return new ApiError({ status, code: known.code, detail: known.detail ?? message });
}

/** Nest and Fastify keep the status in different members. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number')
    return thrown.statusCode;
  return undefined;
}
