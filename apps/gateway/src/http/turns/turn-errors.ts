import { ApiError } from '../errors/api-error.js';
import type { Fullness } from './class-queue.rules.js';
import { LIMITED_CLASSES, type LimitedClass } from './work-class.rules.js';

const WHAT: Readonly<Record<LimitedClass, string>> = {
  read: 'reads',
  write: 'changes',
  long: 'connection tests, reloads and loads of packages',
};

/** Seconds after which the request may be sent again: what is at work of the class is over by then as a rule. */
const RETRY_AFTER: Readonly<Record<LimitedClass, number>> = { read: 1, write: 1, long: 5 };

/** Made once: a client that goes on must not make this process build errors. */
const ERRORS = new Map(
  LIMITED_CLASSES.map((work) => [work, { caller: errorOf(work, 'caller'), all: errorOf(work, 'all') }]),
);

/** There is no place for the request, also not in the queue. */
export const noTurn = (work: LimitedClass, full: Fullness): ApiError => ERRORS.get(work)![full];

function errorOf(work: LimitedClass, full: Fullness): ApiError {
  const headers = { 'retry-after': String(RETRY_AFTER[work]) };
  const suggestion = 'Send fewer requests at once, and try again after the seconds in Retry-After.';
  if (full === 'caller')
    return new ApiError({
      status: 429,
      code: 'too_many_at_once',
      detail: `As many ${WHAT[work]} of this caller are at work and waiting as may be. Nothing was done.`,
      suggestion,
      headers,
    });
  return new ApiError({
    status: 503,
    code: 'gateway_busy',
    detail: `As many ${WHAT[work]} are at work and waiting at this gateway as may be. Nothing was done.`,
    suggestion,
    headers,
  });
}
