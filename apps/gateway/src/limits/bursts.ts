import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import { takeToken, type FullAt } from '../http/burst.rules.js';

const FORGET_EVERY_MS = 10_000;

/** The bursts of all keys on this process. It remembers the keys of the last seconds only. */
@Injectable()
export class Bursts {
  private readonly byKey = new Map<string, FullAt>();
  private forgottenAtMs = 0;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Counts a request, or returns false where too many came in the last second. */
  take(keyId: string, perSecond: number): boolean {
    const nowMs = this.clock.monotonic();
    if (nowMs - this.forgottenAtMs > FORGET_EVERY_MS) this.forget(nowMs);
    const decision = takeToken(this.byKey.get(keyId), { nowMs, perSecond });
    if (decision.admitted) this.byKey.set(keyId, decision.fullAt);
    return decision.admitted;
  }

  private forget(nowMs: number): void {
    this.forgottenAtMs = nowMs;
    for (const [keyId, fullAt] of this.byKey) if (fullAt <= nowMs) this.byKey.delete(keyId);
  }
}
