import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import { takeToken, type FullAt } from '../http/burst.rules.js';
import { ApiError } from '../http/errors/api-error.js';
import { addressGroup } from '../http/address-group.rules.js';

/** Credentials from one address that may be wrong, each second. */
const GUESSES_PER_SECOND = 10;
const MOST_ADDRESSES = 10_000;
const FORGET_EVERY_MS = 10_000;

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
  /** The addresses of the last seconds, that of the oldest guess first. */
  private readonly byAddress = new Map<string, FullAt>();
  private forgottenAtMs = 0;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Counts a credential that is wrong, or may be. @throws ApiError 429 where too many came from the address */
  count(ip: string): void {
    const nowMs = this.clock.monotonic();
    const address = addressGroup(ip);
    const decision = takeToken(this.byAddress.get(address), { nowMs, perSecond: GUESSES_PER_SECOND });
    if (!decision.admitted) throw TOO_MANY_GUESSES;
    this.set(address, decision.fullAt, nowMs);
  }

  /** Whether a wrong credential from the address would be refused now. */
  isOver(ip: string): boolean {
    const fullAt = this.byAddress.size === 0 ? undefined : this.byAddress.get(addressGroup(ip));
    const nowMs = this.clock.monotonic();
    return fullAt !== undefined && !takeToken(fullAt, { nowMs, perSecond: GUESSES_PER_SECOND }).admitted;
  }

  /** The credential that was counted last was right. */
  takeBack(ip: string): void {
    const address = addressGroup(ip);
    const fullAt = this.byAddress.get(address);
    if (fullAt !== undefined) this.byAddress.set(address, fullAt - 1_000 / GUESSES_PER_SECOND);
  }

  get addresses(): number {
    return this.byAddress.size;
  }

  private set(address: string, fullAt: FullAt, nowMs: number): void {
    this.byAddress.delete(address);
    this.byAddress.set(address, fullAt);
    if (nowMs - this.forgottenAtMs > FORGET_EVERY_MS) this.forget(nowMs);
    if (this.byAddress.size > MOST_ADDRESSES) this.byAddress.delete(this.byAddress.keys().next().value!);
  }

  private forget(nowMs: number): void {
    this.forgottenAtMs = nowMs;
    for (const [address, fullAt] of this.byAddress) if (fullAt <= nowMs) this.byAddress.delete(address);
  }
}
