import type { ApiError, ErrorCode } from '../http/errors/api-error.js';
import { jsonError, type ErrorShape } from '../http/errors/error-shape.js';

/** The codes that the documented API has for these errors; the others keep their own. */
const CODES: Partial<Record<ErrorCode, string>> = {
  api_key_missing: 'apikey_missing',
  api_key_invalid: 'apikey_invalid',
  api_key_expired: 'apikey_expired',
  token_invalid: 'apikey_invalid',
  token_expired: 'apikey_expired',
  token_revoked: 'apikey_revoked',
  insufficient_role: 'forbidden',
  insufficient_scope: 'capability_scope_denied',
  network_not_allowed: 'forbidden',
  key_not_for_api: 'forbidden',
  forged_request: 'forbidden',
  mode_not_allowed: 'forbidden',
  datasource_not_found: 'entity_not_found',
  not_found: 'entity_not_found',
  malformed_json: 'invalid_json',
  invalid_value: 'invalid_body',
  wrong_datasource_kind: 'datasource_connection_unsupported',
  target_not_allowed: 'database_host_not_allowed',
  payload_too_large: 'request_too_large',
  rate_limit_error: 'rate_limit_exceeded',
  too_many_guesses: 'rate_limit_exceeded',
};

const TYPES: Record<number, string> = {
  401: 'AbloAuthenticationError',
  403: 'AbloPermissionError',
  429: 'AbloRateLimitError',
  503: 'AbloConnectionError',
  504: 'AbloConnectionError',
};

/** `{type, code, message, param?, request_id, doc_url}` */
export const datasourceShape: ErrorShape = (error, requestId) => {
  const code = codeOf(error);
  const param = error.fields?.[0]?.path;
  return jsonError({
    type: TYPES[error.status] ?? (error.status < 500 ? 'AbloValidationError' : 'AbloServerError'),
    code,
    message: error.message,
    ...(param !== undefined && param !== '' && { param }),
    request_id: requestId,
    doc_url: `/docs/errors#${error.code}`,
  });
};

/** Only bodies have members that can be refused. */
function codeOf({ code, fields }: ApiError): string {
  if (code === 'invalid_request' && fields !== undefined) return 'invalid_body';
  return CODES[code] ?? code;
}
