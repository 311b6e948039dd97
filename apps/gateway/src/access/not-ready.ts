import { ApiError } from '../http/errors/api-error.js';

/** The answer before this process has received the gateways' stream. Made once, as all that strangers cause. */
const NOT_READY = new ApiError({
  status: 503,
  code: 'not_ready',
  detail: 'This gateway has just started and does not know keys, tokens and sessions yet.',
  suggestion: 'Try again in a second.',
  headers: { 'retry-after': '1' },
});

export const notReady = (): ApiError => NOT_READY;
