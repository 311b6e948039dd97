import type { DatasourceError } from '@signalbox/contracts/streams';
import type { FollowerHost } from '../work/follower.js';

/** Rounds that published nothing are logged so often at most. */
const QUIET_EVERY_MS = 60_000;

/** Writes the log of attempts: each failure and each round that published something, of the others one a minute. */
export class RoundLog {
  private quietSince: number | undefined;

  constructor(private readonly host: Pick<FollowerHost, 'attempt' | 'clock'>) {}

  succeeded({ startedAt, published }: { startedAt: number; published: number }): void {
    const now = this.host.clock.monotonic();
    const isDue = this.quietSince === undefined || now - this.quietSince >= QUIET_EVERY_MS;
    if (published === 0 && !isDue) return;
    this.quietSince = now;
    this.host.attempt({
      kind: 'poll',
      outcome: 'succeeded',
      duration_ms: this.since(startedAt),
      published,
      error: null,
    });
  }

  failed({ startedAt, error, isRefusal }: { startedAt: number; error: DatasourceError; isRefusal: boolean }): void {
    this.quietSince = undefined;
    this.host.attempt({
      kind: 'poll',
      outcome: isRefusal ? 'refused' : 'failed',
      duration_ms: this.since(startedAt),
      published: 0,
      error,
    });
  }

  private since(startedAt: number): number {
    return Math.round(this.host.clock.monotonic() - startedAt);
  }
}
