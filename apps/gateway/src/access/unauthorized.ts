import { ApiError, type ErrorCode } from '../http/errors/api-error.js';

export const HOW_TO_SEND_A_KEY =
  'Send an API key or a token as `X-Api-Key: <key>`, `Authorization: Bearer <key>` or the password of `Authorization: Basic`.';

/**
 * The answer to a request whose credential identifies no caller. It does not name `Basic`: a browser would ask people for a password, also for
 * what a page requests in the background. Clients that send `Basic` do so without being asked.
 */
export function unauthorized(code: ErrorCode, detail: string, suggestion = HOW_TO_SEND_A_KEY): ApiError {
  return new ApiError({ status: 401, code, detail, suggestion, headers: { 'www-authenticate': 'Bearer' } });
}

/** Made once: a process must not be kept busy with errors by strangers. */
export const CREDENTIAL_MISSING = unauthorized('api_key_missing', `No API key was sent. ${HOW_TO_SEND_A_KEY}`);
