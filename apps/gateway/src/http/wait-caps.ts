import { ApiError } from './errors/api-error.js';

const MOST_OF_KEY = 100;
const MOST_IN_ALL = 2_000;
/** Of those without a credential, so that strangers at many addresses leave room for callers that are known. */
const MOST_OF_STRANGERS = 1_000;

interface Waiting {
  /** What is counted as one caller. */
  readonly key: string;
  /** It sent no credential. */
  readonly isStranger: boolean;
}

/** Counts the requests that wait for something to happen: each holds a connection and memory for up to a minute. */
export class WaitCaps {
  private readonly byKey = new Map<string, number>();
  private inAll = 0;
  private ofStrangers = 0;

  /** @returns what ends the wait @throws ApiError 429 */
  begin({ key, isStranger }: Waiting): () => void {
    if (this.isFullFor(key)) throw TOO_MANY_OF_KEY;
    if (this.inAll >= MOST_IN_ALL || (isStranger && this.ofStrangers >= MOST_OF_STRANGERS)) throw TOO_MANY_IN_ALL;
    this.byKey.set(key, this.waitingOf(key) + 1);
    this.inAll += 1;
    if (isStranger) this.ofStrangers += 1;
    return () => this.end({ key, isStranger });
  }

  /** Whether no more requests of the key may wait now, however few of others do. */
  isFullFor(key: string): boolean {
    return this.waitingOf(key) >= MOST_OF_KEY;
  }

  private waitingOf(key: string): number {
    return this.byKey.get(key) ?? 0;
  }

  private end({ key, isStranger }: Waiting): void {
    this.inAll -= 1;
    if (isStranger) this.ofStrangers -= 1;
    const waiting = this.waitingOf(key) - 1;
    if (waiting > 0) this.byKey.set(key, waiting);
    else this.byKey.delete(key);
  }
}

const tooMany = (detail: string): ApiError =>
  new ApiError({
    status: 429,
    code: 'too_many_waits',
    detail,
    suggestion: 'Wait for the answers of those, or send the request without `wait`.',
    headers: { 'retry-after': '1' },
  });

// Made once: a client that goes on must not make this process build errors.
export const TOO_MANY_OF_KEY = tooMany(`${MOST_OF_KEY} requests of this key wait already.`);
const TOO_MANY_IN_ALL = tooMany(
  `${MOST_IN_ALL} requests wait at this gateway already, or ${MOST_OF_STRANGERS} without a credential.`,
);
