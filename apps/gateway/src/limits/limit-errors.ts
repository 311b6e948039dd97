import { ApiError } from '../http/errors/api-error.js';
import type { RequestLimit } from '../http/request-limits.js';
import { WINDOW_SECONDS } from './hour.rules.js';
import { secondsUntil } from './limit-headers.rules.js';

export function overQuota({ limit, resetAt }: RequestLimit, nowMs: number): ApiError {
  const seconds = secondsUntil(resetAt, nowMs);
  return new ApiError({
    status: 429,
    code: 'rate_limit_error',
    detail: `The ${limit} requests of this key in this hour are used up.`,
    suggestion: `Try again in ${seconds} s, when the next hour begins, or ask an admin for an account of another tier.`,
    headers: { 'retry-after': String(seconds) },
    details: { limit, remaining: 0, reset_time: resetAt, window_size: WINDOW_SECONDS },
  });
}

/** The rest of the budget is leased by other gateways, which return within seconds what they do not use. */
export function reservedElsewhere({ limit, resetAt }: RequestLimit): ApiError {
  return new ApiError({
    status: 429,
    code: 'rate_limit_error',
    detail: `What is left of the ${limit} requests of this key in this hour is reserved by other gateways.`,
    suggestion: 'Try again in some seconds: what they do not use is returned.',
    headers: { 'retry-after': '2' },
    details: { limit, remaining: 0, reset_time: resetAt, window_size: WINDOW_SECONDS },
  });
}

export function overBurst({ burst }: RequestLimit, nowMs: number): ApiError {
  return new ApiError({
    status: 429,
    code: 'rate_limit_error',
    detail: `This key may send ${burst} requests a second.`,
    suggestion: 'Try again in a second, with growing pauses between attempts.',
    headers: { 'retry-after': '1' },
    details: { limit: burst, remaining: 0, reset_time: Math.floor(nowMs / 1_000) + 1, window_size: 1 },
  });
}

export function notCounted(): ApiError {
  return new ApiError({
    status: 503,
    code: 'storage_unavailable',
    detail:
      'The database cannot be reached, so that requests cannot be counted and nothing was changed. Reads still work.',
    suggestion: 'Try again in a moment.',
    headers: { 'retry-after': '5' },
  });
}
