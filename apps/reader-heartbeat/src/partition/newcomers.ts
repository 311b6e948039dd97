import { describeError, within, type Clock, type Logger, type LoopTurns } from '@signalbox/platform';
import type { Beat } from '../liveness/beat.js';
import type { Instant } from '../liveness/instant.js';
import { movesReader } from '../liveness/moves-reader.rules.js';
import { now } from '../liveness/now.js';
import type { Reader } from '../liveness/reader.js';
import type { ReaderTable } from '../liveness/reader-table.rules.js';
import { MOST_MOVED, type MoveRepository, type ReaderElsewhere } from './persistence/move.repository.js';
import type { BeatWithoutPlace, ReaderPartition } from './reader-partition.js';

/**
 * Heartbeats of new readers wait so long for the answer to a statement at most. A busy database, as where nearly all readers move at once, is waited for:
 * readers that were taken for new ones would be more work for it.
 */
const LOOK_UP_MS = 5_000;
/** Readers that were not looked up, because the database was unavailable. */
const MOST_UNRESOLVED = 100_000;

export type OnWithoutPlace = (refused: readonly BeatWithoutPlace[]) => void;

export interface NewcomersOptions {
  /** Of the partition. */
  readonly number: number;
  readonly epoch: number;
  readonly table: Pick<ReaderTable, 'get'>;
  readonly partition: Pick<ReaderPartition, 'record' | 'adopt'>;
  readonly moves: Pick<MoveRepository, 'elsewhere' | 'move'>;
  /** Heartbeats that had waited were applied. */
  readonly onApplied: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly turns: Pick<LoopTurns, 'next'>;
}

/** Heartbeats that arrived at the same time. */
interface Waiting {
  readonly beats: readonly Beat[];
  readonly at: Instant;
  readonly onWithoutPlace: OnWithoutPlace;
  /** To be called when they are applied. */
  readonly onLookedUp?: () => void;
}

interface LookedUp {
  /** Readers that come here, with all that is known of them. */
  readonly moved: readonly Reader[];
  /** Ids of readers that are in another partition, and stay there. */
  readonly late: readonly string[];
  /** Whether the database answered. */
  readonly isAvailable: boolean;
}

/**
 * Readers that are not known in their partition. Another one may know them: their sender has moved, or the number of partitions has changed. Their
 * heartbeats wait while they are looked up in the database; those of known readers do not. A reader that is found comes over with all that
 * is known of it. Without the database it is a new one, and is looked up again later.
 */
export class Newcomers {
  private waiting: Waiting[] = [];
  /** Of whom how many heartbeats wait. */
  private readonly ids = new Map<string, number>();
  private readonly unresolved = new Set<string>();
  private isLookingUp = false;
  /** The end of the last statement, whether or not it was waited for. */
  private answered: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(private readonly options: NewcomersOptions) {}

  /** Keeps the heartbeats of newcomers. @returns those of the other readers, in order */
  keep(beats: readonly Beat[], at: Instant, onWithoutPlace: OnWithoutPlace): readonly Beat[] {
    const first = beats.findIndex((beat) => this.isNewcomer(beat));
    if (first < 0) return beats;
    const others = beats.slice(0, first);
    const kept: Beat[] = [];
    for (const beat of beats.slice(first)) (this.isNewcomer(beat) ? kept : others).push(beat);
    for (const { readerId } of kept) this.ids.set(readerId, (this.ids.get(readerId) ?? 0) + 1);
    for (const some of portions(kept)) this.waiting.push({ beats: some, at, onWithoutPlace });
    if (!this.isLookingUp) void this.lookUpAll();
    return others;
  }

  /** Calls back when the heartbeats are applied that wait now, and each reader was looked up that is known here. */
  whenLookedUp(onLookedUp: () => void): void {
    const callback = (): void => {
      if (this.unresolved.size === 0) onLookedUp();
    };
    if (!this.isLookingUp) return callback();
    const at = now(this.options.clock);
    this.waiting.push({ beats: [], at, onWithoutPlace: () => undefined, onLookedUp: callback });
  }

  /** Looks up again what could not be looked up, as far as it is known here meanwhile. @throws the error of the database */
  async retry(): Promise<void> {
    const { number, epoch, moves, table } = this.options;
    for (const ids of portions([...this.unresolved])) {
      // Others stay where they are: nothing here would show them, and their next heartbeat is looked up.
      const known = ids.filter((id) => table.get(id) !== undefined);
      if (known.length > 0) await moves.move(number, epoch, known);
      for (const id of ids) this.unresolved.delete(id);
    }
  }

  close(): void {
    this.isClosed = true;
    this.waiting = [];
  }

  private isNewcomer({ readerId }: Beat): boolean {
    return this.options.table.get(readerId) === undefined || this.ids.has(readerId);
  }

  /** A portion after the other, each in a turn of the event loop of its own: after a pause there may be very many. */
  private async lookUpAll(): Promise<void> {
    this.isLookingUp = true;
    while (this.waiting.length > 0) {
      const round = this.waiting;
      this.waiting = [];
      // Of any number of readers, one look-up that takes too long is enough to wait for.
      let isAvailable = true;
      for (const [at, some] of [...together(round)].entries()) {
        if (at > 0) await this.options.turns.next();
        if (this.isClosed) break;
        isAvailable = await this.lookUpSome(some, isAvailable);
      }
    }
    this.isLookingUp = false;
  }

  /** @returns whether the database answered */
  private async lookUpSome(some: readonly Waiting[], isAvailable: boolean): Promise<boolean> {
    const ids = [...new Set(some.flatMap(({ beats }) => beats.map(({ readerId }) => readerId)))];
    const unknown = ids.filter((id) => this.options.table.get(id) === undefined);
    const found = isAvailable ? await this.lookUp(unknown, some) : this.postpone(unknown);
    if (this.isClosed) return found.isAvailable;
    this.adopt(found.moved);
    this.apply(some, new Set(found.late));
    return found.isAvailable;
  }

  /** Moves those of the readers here that other partitions have. */
  private async lookUp(ids: readonly string[], round: readonly Waiting[]): Promise<LookedUp> {
    const { number, epoch, moves, clock, logger } = this.options;
    if (ids.length === 0) return NOTHING_FOUND;
    let moved: Reader[] = [];
    let late: string[] = [];
    let isAvailable = true;
    try {
      const found = newest(await this.ask(() => moves.elsewhere(number, ids, now(clock))));
      if (found.size === 0) return { moved, late, isAvailable };
      const moving = new Set<string>();
      for (const { beats } of round)
        for (const beat of beats) {
          const known = found.get(beat.readerId);
          if (known !== undefined && movesReader(known, beat)) moving.add(beat.readerId);
        }
      moved = [...found.values()].filter(({ readerId }) => moving.has(readerId));
      late = [...found.keys()].filter((id) => !moving.has(id));
      if (moved.length === 0) return { moved, late, isAvailable };
      await this.ask(() => moves.move(number, epoch, [...moving]));
    } catch (error) {
      logger.debug({ reason: describeError(error), readers: ids.length }, 'new readers not looked up; retrying');
      ({ isAvailable } = this.postpone(ids));
    }
    return { moved, late, isAvailable };
  }

  /**
   * Waits for the answer to a statement, and for that of the one before, which may not have been waited for to its end. More of them would make a slow
   * database slower, and leave other statements no connection.
   */
  private async ask<Answer>(statement: () => Promise<Answer>): Promise<Answer> {
    let isAwaited = true;
    const answer = this.answered.then(() => {
      if (!isAwaited) throw new Error('not waited for any more');
      return statement();
    });
    this.answered = answer.catch(() => undefined);
    try {
      return await within({ clock: this.options.clock, ms: LOOK_UP_MS }, answer);
    } catch (error) {
      // After a pause of this process the time is over before an answer is read that is here already.
      await this.options.turns.next();
      return await Promise.race([answer, Promise.reject(error)]);
    } finally {
      isAwaited = false;
    }
  }

  /** At once before their heartbeats are applied: the last ones that are stored may be older than a lease. */
  private adopt(moved: readonly Reader[]): void {
    const { number, table, partition, logger } = this.options;
    // Some may have been inherited meanwhile.
    const adopted = moved.filter(({ readerId }) => table.get(readerId) === undefined);
    if (adopted.length === 0) return;
    partition.adopt(adopted);
    logger.debug({ partition: number, readers: adopted.length }, 'readers moved from other partitions');
  }

  private postpone(ids: readonly string[]): LookedUp {
    for (const id of ids) if (this.unresolved.size < MOST_UNRESOLVED) this.unresolved.add(id);
    return { moved: [], late: [], isAvailable: false };
  }

  private apply(round: readonly Waiting[], late: ReadonlySet<string>): void {
    for (const { beats, at, onWithoutPlace } of round) {
      for (const { readerId } of beats) this.waitsNoLonger(readerId);
      const applied = late.size === 0 ? beats : beats.filter(({ readerId }) => !late.has(readerId));
      onWithoutPlace(this.options.partition.record(applied, at));
    }
    for (const { onLookedUp } of round) onLookedUp?.();
    this.options.onApplied();
  }

  private waitsNoLonger(readerId: string): void {
    const left = (this.ids.get(readerId) ?? 0) - 1;
    if (left > 0) this.ids.set(readerId, left);
    else this.ids.delete(readerId);
  }
}

const NOTHING_FOUND: LookedUp = { moved: [], late: [], isAvailable: true };

/** Of each reader the entry with the last heartbeat. */
export function newest(found: readonly ReaderElsewhere[]): Map<string, Reader> {
  const readers = new Map<string, Reader>();
  for (const { reader } of found) {
    const other = readers.get(reader.readerId);
    if (other === undefined || other.receivedAt.unix < reader.receivedAt.unix) readers.set(reader.readerId, reader);
  }
  return readers;
}

function* portions<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let from = 0; from < items.length; from += MOST_MOVED) yield items.slice(from, from + MOST_MOVED);
}

/** As many as one look-up may have, in order. */
function* together(round: readonly Waiting[]): Iterable<readonly Waiting[]> {
  let some: Waiting[] = [];
  let count = 0;
  for (const waiting of round) {
    if (count + waiting.beats.length > MOST_MOVED) {
      yield some;
      some = [];
      count = 0;
    }
    some.push(waiting);
    count += waiting.beats.length;
  }
  yield some;
}
