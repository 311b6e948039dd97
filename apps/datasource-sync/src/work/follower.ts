import type { DatasourceAttempt } from '@signalbox/contracts/messages';
import type { DatasourceEntry, FollowerState, ReadinessAdvisory, ReadinessFailure } from '@signalbox/contracts/streams';
import type { Clock, JsonValue, Logger } from '@signalbox/platform';

/** A change as it is published. */
export interface OutgoingChange {
  readonly id: string;
  /** Its routing key, without the id of the datasource and the dot after it: the process that publishes puts its own before it. */
  readonly key: string;
  /** A `datasourceChange` as JSON. */
  readonly body: string;
}

export interface ChangeBatch {
  readonly changes: readonly OutgoingChange[];
  /** Stored when all changes are confirmed; absent: nothing is stored. */
  readonly position?: JsonValue;
}

/** An attempt that ended now. */
export type AttemptReport = Omit<DatasourceAttempt, 'id' | 'at'>;

/** What of an endpoint a follower knows besides. */
export type EndpointProgress = Pick<
  NonNullable<DatasourceEntry['endpoint']>,
  'cursor' | 'event_lag' | 'last_request_at' | 'last_success_at'
>;

export interface FollowerReport extends FollowerState {
  readonly endpoint?: EndpointProgress;
}

/** What a follower needs of the process that owns the datasource. */
export interface FollowerHost {
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Resolves when the broker has confirmed all changes and the position is stored. Batches are published in the order of the calls. A
   * follower keeps few batches under way: that is the back pressure.
   * @throws Error where it is not known that all are published: the follower starts again from what was stored last
   */
  publish(batch: ChangeBatch): Promise<void>;
  /** The whole state as it is now; called as often as it changes, and sent on at most a few times a second. */
  report(state: FollowerReport): void;
  /** Not for each poll that brought nothing. See `AttemptReport`. */
  attempt(attempt: AttemptReport): void;
  /**
   * The task `release` has ended. Null: nothing is left at the source; otherwise the statements that remove what is left. Called again
   * where a later attempt removes it.
   */
  released(left: string[] | null): void;
}

/** The work on one datasource. It retries by itself, with backoff, until it is stopped. */
export interface Follower {
  /** Ends what it does as soon as possible; resolves when nothing is under way any more. Never rejects. */
  stop(): Promise<void>;
}

/** How a check of a source ended. */
export interface CheckResult {
  /**
   * `ready`: it can be followed; `refused`: it answers and refuses, or lacks what is in `failures`; `unreachable`: it cannot be said.
   */
  readonly outcome: 'ready' | 'refused' | 'unreachable';
  /** Whether the credentials were refused, rather than that something is missing. */
  readonly credentialsRefused: boolean;
  readonly failures: readonly ReadinessFailure[];
  readonly advisories: readonly ReadinessAdvisory[];
  readonly duration_ms: number;
}
