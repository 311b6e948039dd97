import { ApiError } from '../http/errors/api-error.js';

/** The answer before this process has received the gateways' stream. */
export const notReady = (): ApiError =>
  new ApiError({
    status: 503,
    code: 'not_ready',
    detail: 'This gateway has just started and does not know the API keys yet.',
    suggestion: 'Try again in a second.',
    headers: { 'retry-after': '1' },
  });
