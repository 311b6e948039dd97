import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ApiError } from '../http/errors/api-error.js';
import { addressGroup } from '../http/address-group.rules.js';
import { TokenBuckets } from '../http/token-buckets.js';

/** Credentials from one address that may be wrong, each second. */
const GUESSES_PER_SECOND = 10;

/** One for all: an attacker must not be able to make this process build errors, which is the larger part of an answer's cost. */
export const TOO_MANY_GUESSES = new ApiError({
  status: 429,
  code: 'too_many_guesses',
  detail: `More than ${GUESSES_PER_SECOND} requests a second with keys or tokens that are not valid came from this address.`,
  suggestion: 'Send a valid key: it is accepted at once. Without one, try again in a second.',
  headers: { 'retry-after': '1' },
});

/**
 * Counts wrong credentials for each address. Beyond the limit they are refused before anything expensive is done for them. A valid
 * key is never refused for what others send from its address.
 */
@Injectable()
export class Guesses {
  private readonly byAddress: TokenBuckets;

  constructor(@Inject(CLOCK) clock: Clock) {
    this.byAddress = new TokenBuckets(clock, GUESSES_PER_SECOND);
  }

  /** Counts a credential that is wrong, or may be. @throws ApiError 429 where too many came from the address */
  count(ip: string): void {
    if (!this.byAddress.take(addressGroup(ip))) throw TOO_MANY_GUESSES;
  }

  /** Whether a wrong credential from the address would be refused now. */
  isOver(ip: string): boolean {
    return this.byAddress.size > 0 && this.byAddress.isOver(addressGroup(ip));
  }

  /** The credential that was counted last was right. */
  takeBack(ip: string): void {
    this.byAddress.takeBack(addressGroup(ip));
  }

  get addresses(): number {
    return this.byAddress.size;
  }
}
