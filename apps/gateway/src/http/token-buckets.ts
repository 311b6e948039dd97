import type { Clock } from '@signalbox/platform';
import { takeToken, type FullAt } from './burst.rules.js';

const MOST_NAMES = 10_000;
const FORGET_EVERY_MS = 10_000;

/** Counts something by name, and says where there was more of it than so much a second. It remembers the names of the last seconds only. */
export class TokenBuckets {
  /** That of the oldest count first. */
  private readonly byName = new Map<string, FullAt>();
  private forgottenAtMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly perSecond: number,
  ) {}

  get size(): number {
    return this.byName.size;
  }

  /** Counts one more. False where that is too many: it is not counted. */
  take(name: string): boolean {
    const nowMs = this.clock.monotonic();
    const decision = takeToken(this.byName.get(name), { nowMs, perSecond: this.perSecond });
    if (decision.admitted) this.set(name, decision.fullAt, nowMs);
    return decision.admitted;
  }

  /** Whether one more would be too many now. */
  isOver(name: string): boolean {
    const fullAt = this.byName.get(name);
    const nowMs = this.clock.monotonic();
    return fullAt !== undefined && !takeToken(fullAt, { nowMs, perSecond: this.perSecond }).admitted;
  }

  /** What was counted last should not have been. */
  takeBack(name: string): void {
    const fullAt = this.byName.get(name);
    if (fullAt !== undefined) this.byName.set(name, fullAt - 1_000 / this.perSecond);
  }

  private set(name: string, fullAt: FullAt, nowMs: number): void {
    this.byName.delete(name);
    this.byName.set(name, fullAt);
    if (nowMs - this.forgottenAtMs > FORGET_EVERY_MS) this.forget(nowMs);
    if (this.byName.size > MOST_NAMES) this.byName.delete(this.byName.keys().next().value!);
  }

  private forget(nowMs: number): void {
    this.forgottenAtMs = nowMs;
    for (const [name, fullAt] of this.byName) if (fullAt <= nowMs) this.byName.delete(name);
  }
}
