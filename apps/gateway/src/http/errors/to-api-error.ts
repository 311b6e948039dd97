import { HttpException } from '@nestjs/common';
import { isUnavailable, OutcomeUnknown } from '@signalbox/persistence';
import { ApiError, type ErrorCode } from './api-error.js';

const WRONG_TYPE = 'The body must be JSON: send it with Content-Type: application/json.';

export const unsupportedMediaType = (): ApiError =>
  new ApiError({ status: 415, code: 'unsupported_media_type', detail: WRONG_TYPE });

/** What the framework throws by itself, by its status. */
const FRAMEWORK_ERRORS: Record<number, { code: ErrorCode; detail?: string }> = {
  400: { code: 'invalid_request' },
  404: { code: 'not_found' },
  413: { code: 'payload_too_large', detail: 'The request body is larger than this server takes.' },
  415: { code: 'unsupported_media_type', detail: WRONG_TYPE },
};

/** Any thrown thing as an answer. What nobody foresaw becomes a 500 that tells nothing of its inside. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof OutcomeUnknown) {
    return new ApiError({
      status: 504,
      code: 'outcome_unknown',
      detail: 'The database went away while the change was being committed: it may have been made or not.',
      suggestion: 'Look whether it is there before you try again.',
    });
  }
  if (isUnavailable(thrown)) {
    return new ApiError({
      status: 503,
      code: 'storage_unavailable',
      detail:
        'The database cannot be reached or is too busy, so nothing was changed. What is only read is answered all the same.',
      suggestion: 'Try again in a moment.',
      headers: { 'retry-after': '5' },
    });
  }
  const status = statusOf(thrown);
  if (status === undefined || status >= 500) {
    return new ApiError({
      status: 500,
      code: 'internal_error',
      detail: 'Something went wrong inside; the logs have it under this request id.',
    });
  }
  const message = thrown instanceof Error ? thrown.message : 'The request could not be handled.';
  if (status === 400 && /JSON/.test(message)) {
    return new ApiError({ status, code: 'malformed_json', detail: 'The request body is not valid JSON.' });
  }
  const known = FRAMEWORK_ERRORS[status] ?? { code: 'invalid_request' as const };
  return new ApiError({ status, code: known.code, detail: known.detail ?? message });
}

/** Nest and Fastify say it in different members. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number')
    return thrown.statusCode;
  return undefined;
}
