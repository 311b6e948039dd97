import type { DatasourceError, DatasourceSync } from '@signalbox/contracts/streams';
import type { EndpointProgress, FollowerHost } from '../work/follower.js';
import type { FeedPosition } from './feed-position.rules.js';

/** A cursor that stands still so often while events come is no coincidence. */
const STUCK_AFTER_ROUNDS = 3;

/** The state of a polled endpoint, reported whenever it changes. */
export class EndpointReport {
  private sync: DatasourceSync;
  private progress: EndpointProgress;
  private newestChangeAt: number | null;
  private drainedAt: number | null = null;
  private standing = { rounds: 0, since: 0, events: 0 };

  constructor(
    private readonly host: Pick<FollowerHost, 'report' | 'clock'>,
    position: FeedPosition,
  ) {
    this.sync = syncOf('polling', host.clock.now());
    this.progress = { cursor: position.cursor, event_lag: null, last_request_at: null, last_success_at: null };
    this.newestChangeAt = position.newest_change_at;
  }

  requested(): void {
    this.progress = { ...this.progress, last_request_at: this.host.clock.now() };
  }

  /** So many events are here and not published yet. */
  received(events: number): void {
    this.progress = { ...this.progress, event_lag: events === 0 ? null : events };
    this.send();
  }

  published({ cursor, newest_change_at }: FeedPosition): void {
    // Whether the feed holds more is not known before its end.
    this.progress = { ...this.progress, cursor, event_lag: null };
    this.newestChangeAt = newest_change_at;
  }

  /** @param isStanding the page brought nothing new and leads to itself */
  moved({ isStanding, events }: { isStanding: boolean; events: number }): void {
    if (!isStanding) this.standing = { rounds: 0, since: 0, events: 0 };
    else {
      const { rounds, since } = this.standing;
      this.standing = { rounds: rounds + 1, since: rounds === 0 ? this.host.clock.now() : since, events };
    }
  }

  succeeded({ isDrained }: { isDrained: boolean }): void {
    const now = this.host.clock.now();
    if (this.sync.state !== 'polling') this.sync = syncOf('polling', now);
    if (isDrained) this.drainedAt = now;
    this.progress = { ...this.progress, last_success_at: now, event_lag: isDrained ? 0 : null };
    this.send();
  }

  failed({ error, nextAttemptAt }: { error: DatasourceError; nextAttemptAt: number }): void {
    const since = this.sync.state === 'retrying' ? this.sync.since : this.host.clock.now();
    this.sync = { ...syncOf('retrying', since), next_attempt_at: Math.round(nextAttemptAt), error };
    this.progress = { ...this.progress, event_lag: null };
    this.send();
  }

  private send(): void {
    const { rounds, since, events } = this.standing;
    this.host.report({
      sync: this.sync,
      freshness: {
        newest_change_at: this.newestChangeAt,
        unknown_because: this.newestChangeAt === null ? this.whyUnknown() : null,
        drained_at: this.drainedAt,
      },
      position: null,
      stuck:
        rounds < STUCK_AFTER_ROUNDS
          ? null
          : {
              since,
              evidence: `The endpoint answered ${rounds} requests with ${events} events that were published before and the cursor that was sent.`,
            },
      endpoint: this.progress,
    });
  }

  private whyUnknown(): string {
    if (this.progress.last_success_at === null) return 'No poll has succeeded yet.';
    return this.progress.cursor === null
      ? 'The endpoint has had no event yet.'
      : 'The events do not say when they happened (occurredAt).';
  }
}

const syncOf = (state: DatasourceSync['state'], since: number): DatasourceSync => ({
  state,
  since,
  snapshot: null,
  next_attempt_at: null,
  error: null,
  fix: null,
});
