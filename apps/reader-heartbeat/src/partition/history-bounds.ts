import { describeError, every, type Clock, type Logger } from '@signalbox/platform';
import type { Transition } from '../liveness/transition.js';
import type { TransitionRepository } from './persistence/transition.repository.js';

const SURPLUS_EVERY_MS = 10_000;
const OLD_EVERY_MS = 3_600_000;
/** Readers, or rows, of one statement. */
const READERS_AT_ONCE = 500;
const ROWS_AT_ONCE = 10_000;
/** Ids of readers can be made up without end. About 1 GiB with indexes. */
const MOST_IN_ALL = 5_000_000;
const DAY_MS = 86_400_000;

export interface HistoryBoundsOptions {
  readonly repository: Pick<TransitionRepository, 'deleteSurplus' | 'cutoff' | 'deleteUntil'>;
  /** Steps that are kept of each reader. */
  readonly entries: number;
  readonly days: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Bounds the history of readers, by age and of each reader, in bounded statements beside the other work. */
export class HistoryBounds {
  /** Steps of each reader that were written since its history was last bounded. */
  private written = new Map<string, number>();
  private isDeleting = false;
  private stops: (() => void)[] = [];

  constructor(private readonly options: HistoryBoundsOptions) {}

  start(): void {
    const { clock } = this.options;
    this.stops = [
      every({ clock, ms: SURPLUS_EVERY_MS, background: true }, () => this.deleteSurplus()),
      every({ clock, ms: OLD_EVERY_MS, atOnce: true, background: true }, () => this.deleteOld()),
    ];
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
  }

  /** Steps were written. A reader that has many at once does not wait for the next round. */
  noteWritten(transitions: readonly Transition[]): void {
    let isOver = false;
    for (const { readerId } of transitions) {
      const count = (this.written.get(readerId) ?? 0) + 1;
      this.written.set(readerId, count);
      isOver ||= count > this.options.entries;
    }
    if (isOver) void this.deleteSurplus();
  }

  /** A failure is left to the next round. */
  private async deleteSurplus(): Promise<void> {
    if (this.isDeleting || this.written.size === 0) return;
    const { repository, entries, logger } = this.options;
    this.isDeleting = true;
    const bounding = this.written;
    this.written = new Map();
    const ids = [...bounding.keys()];
    try {
      while (ids.length > 0 && this.stops.length > 0) {
        await repository.deleteSurplus(ids.slice(-READERS_AT_ONCE), entries);
        ids.length = Math.max(0, ids.length - READERS_AT_ONCE);
      }
    } catch (error) {
      logger.debug({ reason: describeError(error) }, 'history of readers not bounded; it is tried again');
      for (const id of ids) this.written.set(id, (this.written.get(id) ?? 0) + bounding.get(id)!);
    } finally {
      this.isDeleting = false;
    }
  }

  /** A failure is left to the next round. */
  private async deleteOld(): Promise<void> {
    const { repository, days, clock, logger } = this.options;
    try {
      const time = await repository.cutoff(new Date(clock.now() - days * DAY_MS), MOST_IN_ALL);
      let deleted = ROWS_AT_ONCE;
      while (deleted === ROWS_AT_ONCE && this.stops.length > 0)
        deleted = await repository.deleteUntil(time, ROWS_AT_ONCE);
    } catch (error) {
      logger.debug({ reason: describeError(error) }, 'old history of readers not deleted; it is tried again');
    }
  }
}
