import { ApiError, type ErrorCode } from '../http/errors/api-error.js';

export const HOW_TO_SEND_A_KEY = 'Send an API key as `X-Api-Key: <key>` or `Authorization: Bearer <key>`.';

/** The answer to a request whose credential identifies no caller. */
export function unauthorized(code: ErrorCode, detail: string): ApiError {
  const headers = { 'www-authenticate': 'Bearer' };
  return new ApiError({ status: 401, code, detail, suggestion: HOW_TO_SEND_A_KEY, headers });
}
