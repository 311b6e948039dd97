import type { GuardedResponse } from '@signalbox/network-policy';
import { EndpointFailure } from './endpoint-failure.js';
import { ERROR_WORDS } from './error-words.js';

const LONGEST_RETRY_AFTER_MS = 3_600_000;
/** A clock that is further off makes signatures invalid. */
const TOLERATED_SKEW_MS = 300_000;

/** Why a response with another status than 2xx brings no page. @param now Unix ms */
export function responseFailure({ status, headers, body }: GuardedResponse, now: number): EndpointFailure {
  const word = errorWordOf(body);
  const said = word === undefined ? '' : ` (${word})`;
  const retryAfterMs = retryAfter(headers['retry-after'], now);
  const waits = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 401 || status === 403) return refusal({ status, word, skewMs: skewOf(headers.date, now) });
  if (status >= 300 && status < 400)
    return new EndpointFailure({
      code: 'redirected',
      message: `The endpoint answered with a redirect (${status}), which is not followed.`,
      fix: 'Register the URL that it redirects to.',
      item: 'endpoint',
    });
  if (status === 429)
    return new EndpointFailure({
      code: 'rate_limited',
      message: 'The endpoint answered 429: too many requests.',
      fix: 'Allow a request every poll interval.',
      item: 'endpoint',
      ...waits,
    });
  if (status === 503)
    return new EndpointFailure({
      code: 'unavailable',
      message: `The endpoint answered 503: it is unavailable${said}.`,
      fix: 'Check the server of the endpoint.',
      item: 'endpoint',
      ...waits,
    });
  return new EndpointFailure({
    code: `http_${status}`,
    message: `The endpoint answered ${status}${said}.`,
    fix:
      FIXES[status] ??
      (status < 500 ? 'Check that the URL is that of the data source.' : 'Look into the logs of the endpoint.'),
    item: 'endpoint',
  });
}

const FIXES: Readonly<Record<number, string>> = {
  404: 'Check the path of the URL, and that the endpoint serves events.',
  405: 'The endpoint must take POST.',
};

function refusal({
  status,
  word,
  skewMs,
}: {
  status: number;
  word: string | undefined;
  skewMs: number | undefined;
}): EndpointFailure {
  const isClock = word === 'source_timestamp_expired' || (skewMs !== undefined && Math.abs(skewMs) > TOLERATED_SKEW_MS);
  if (isClock) {
    const off =
      skewMs === undefined
        ? ''
        : ` Its clock is ${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? 'ahead' : 'behind'}.`;
    return new EndpointFailure({
      code: 'clock_skew',
      message: `The endpoint answered ${status}: the time of the request is not acceptable to it.${off}`,
      isRefusal: true,
      fix: 'Set the clock of the endpoint by NTP.',
      item: 'signature',
    });
  }
  return new EndpointFailure({
    code: status === 401 ? 'signature_refused' : 'forbidden',
    message: `The endpoint answered ${status}${word === undefined ? '' : ` (${word})`}: it refuses the signature.`,
    isRefusal: true,
    fix: 'Check that the endpoint verifies with the signing key that is registered here; POST …/rotate_key changes it.',
    item: 'signature',
  });
}

/** Of `{"error": "<word>"}`: a word of the protocol, nothing else of what the endpoint says. */
function errorWordOf(body: Buffer): string | undefined {
  try {
    const { error } = JSON.parse(body.toString('utf8', 0, 4_096)) as { error?: unknown };
    return typeof error === 'string' && ERROR_WORDS.has(error) ? error : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds or an HTTP date, as ms from now. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS) : undefined;
}

/** How far the clock of the endpoint is ahead of ours. */
function skewOf(date: string | undefined, now: number): number | undefined {
  const at = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isFinite(at) ? at - now : undefined;
}
