import type { ErrorCode } from './api-error.js';
import { jsonError, type ErrorShape } from './error-shape.js';

/** The codes that the documented datasource API uses for these errors. */
const CODES: Partial<Record<ErrorCode, string>> = {
  api_key_missing: 'apikey_missing',
  api_key_invalid: 'apikey_invalid',
  api_key_expired: 'apikey_expired',
  insufficient_role: 'forbidden',
  rate_limit_error: 'rate_limit_exceeded',
};

const TYPES: Record<number, string> = {
  401: 'AbloAuthenticationError',
  403: 'AbloPermissionError',
  429: 'AbloRateLimitError',
  503: 'AbloConnectionError',
};

/** `{type, code, message, param?, request_id, doc_url}` */
export const datasourceShape: ErrorShape = (error, requestId) => {
  const code = CODES[error.code] ?? error.code;
  const param = error.fields?.[0]?.path;
  return jsonError({
    type: TYPES[error.status] ?? (error.status < 500 ? 'AbloValidationError' : 'AbloServerError'),
    code,
    message: error.message,
    ...(param !== undefined && param !== '' && { param }),
    request_id: requestId,
    doc_url: `/docs#${code}`,
  });
};
