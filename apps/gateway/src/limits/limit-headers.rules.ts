import type { RequestLimit } from '../http/request-limits.js';
import { WINDOW_SECONDS } from './hour.rules.js';

export interface ShownLimit extends RequestLimit {
  /** Whether the request was refused because too many came in this second. */
  readonly isBurst?: boolean;
}

/**
 * The limits as headers: `X-RateLimit-*`, and the fields of draft-ietf-httpapi-ratelimit-headers-11, whose times are seconds from now.
 * The policies are named `hour` and `second`.
 */
export function limitHeaders(
  { limit, remaining, resetAt, burst, isBurst }: ShownLimit,
  nowMs: number,
): Record<string, string> {
  const hour = `"hour";r=${remaining};t=${secondsUntil(resetAt, nowMs)}`;
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(resetAt),
    ratelimit: isBurst === true ? `${hour}, "second";r=0;t=1` : hour,
    'ratelimit-policy': `"hour";q=${limit};w=${WINDOW_SECONDS}, "second";q=${burst};w=1`,
  };
}

/** Whole seconds, at least one, from `nowMs` (Unix ms) to `at` (Unix seconds). */
export const secondsUntil = (at: number, nowMs: number): number => Math.max(1, Math.ceil(at - nowMs / 1_000));
