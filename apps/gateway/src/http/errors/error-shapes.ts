import { PROBLEM_CONTENT_TYPE, problem } from '@signalbox/platform';
import type { ErrorShape } from '../access-policy.js';
import type { ApiError, ErrorCode } from './api-error.js';

export interface ShapedError {
  contentType: string;
  body: unknown;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** How each documented API says that something is wrong (contracts: one error shape per prefix). */
const SHAPES: Record<ErrorShape, (error: ApiError, requestId: string) => ShapedError> = {
  problem: (error, requestId) => ({
    contentType: PROBLEM_CONTENT_TYPE,
    body: problem({
      status: error.status,
      code: error.code,
      detail: error.message,
      request_id: requestId,
      ...(error.suggestion !== undefined && { suggestion: error.suggestion }),
      ...(error.fields !== undefined && { errors: error.fields }),
    }),
  }),

  registry: (error) => ({ contentType: JSON_TYPE, body: { code: error.status, message: error.message } }),

  datasource: (error, requestId) => {
    const code = DATASOURCE_CODES[error.code] ?? error.code;
    const param = error.fields?.[0]?.path;
    return {
      contentType: JSON_TYPE,
      body: {
        type: DATASOURCE_TYPES[error.status] ?? (error.status < 500 ? 'AbloValidationError' : 'AbloServerError'),
        code,
        message: error.message,
        ...(param !== undefined && param !== '' && { param }),
        request_id: requestId,
        doc_url: `/docs#${code}`,
      },
    };
  },

  platform: (error) => ({ contentType: JSON_TYPE, body: { detail: error.message } }),

  'service-status': (error, requestId) => ({
    contentType: JSON_TYPE,
    body: {
      success: false,
      message: error.message,
      code: error.code,
      status_code: error.status,
      suggestion: error.suggestion ?? defaultSuggestion(error.status),
      request_id: requestId,
      ...(error.fields !== undefined && { details: { errors: error.fields } }),
    },
  }),
};

/** What clients of the datasource API know these errors as. */
const DATASOURCE_CODES: Partial<Record<ErrorCode, string>> = {
  api_key_missing: 'apikey_missing',
  api_key_invalid: 'apikey_invalid',
  api_key_expired: 'apikey_expired',
  insufficient_role: 'forbidden',
};

const DATASOURCE_TYPES: Record<number, string> = {
  401: 'AbloAuthenticationError',
  403: 'AbloPermissionError',
  429: 'AbloRateLimitError',
  503: 'AbloConnectionError',
};

export const shapeError = (shape: ErrorShape, error: ApiError, requestId: string): ShapedError =>
  SHAPES[shape](error, requestId);

function defaultSuggestion(status: number): string {
  if (status >= 500) return 'Try again later; if it stays, tell the operator the request_id.';
  return 'Correct the request; /docs describes what is expected.';
}
