import type { JsonValue } from '@signalbox/platform';
import type { AttemptReport, FollowerReport } from './follower.js';

/** Injection token of the `Records` of this process. */
export const RECORDS = Symbol('Records');

export interface PositionRecord {
  readonly id: string;
  readonly fence: number;
  readonly generation: number;
  readonly position: JsonValue;
}

/**
 * Stores what workers report. What comes with a fence that is not valid any more is dropped. What it takes was bounded and validated by
 * the caller: workers may have been taken over by a stranger's server.
 */
export interface Records {
  /** The newest report of a datasource replaces the ones that are not stored yet. */
  report(id: string, fence: number, state: FollowerReport): void;
  attempt(id: string, fence: number, attempt: AttemptReport): void;
  /** @throws Error where the fence is lost, the generation is an old one, or it cannot be stored */
  savePosition(record: PositionRecord): Promise<void>;
  /**
   * The work on a datasource has ended after `HeldDatasources.onReleased`, or the task `release` has. It may be called again for a
   * `release` that left something, when a later attempt has removed that.
   * @param left of a `release`: null where nothing is left at the source, else the statements that remove it
   */
  released(id: string, fence: number, left: readonly string[] | null): void;
}
