import type { DatasourceError, DatasourceSync } from '@signalbox/contracts/streams';
import type { EndpointProgress, FollowerHost } from '../work/follower.js';
import { syncState } from '../work/sync-state.rules.js';
import type { FeedPosition } from './feed-position.rules.js';

/** What is known when a round of requests ends without a failure. */
export interface Round {
  readonly published: number;
  /** Events in its pages, with those that were published before. */
  readonly read: number;
  /** The endpoint said that it has no more. */
  readonly isDrained: boolean;
}

/** A feed that leads back to what was read so often, and never to its end, is no coincidence. */
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
    this.sync = syncState('polling', host.clock.now());
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

  succeeded({ published, read, isDrained }: Round): void {
    const now = this.host.clock.now();
    if (this.sync.state !== 'polling') this.sync = syncState('polling', now);
    if (isDrained) this.drainedAt = now;
    const isStanding = published === 0 && !isDrained;
    const { rounds, since } = this.standing;
    this.standing = isStanding
      ? { rounds: rounds + 1, since: rounds === 0 ? now : since, events: read }
      : { rounds: 0, since: 0, events: 0 };
    this.progress = { ...this.progress, last_success_at: now, event_lag: isDrained ? 0 : null };
    this.send();
  }

  failed({ error, nextAttemptAt }: { error: DatasourceError; nextAttemptAt: number }): void {
    const since = this.sync.state === 'retrying' ? this.sync.since : this.host.clock.now();
    this.sync = syncState('retrying', since, { next_attempt_at: Math.round(nextAttemptAt), error });
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
              evidence: `The last ${rounds} polls brought no new event and no end of the feed. The last one brought ${events} events, all published before: its cursors lead to pages that were read.`,
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
