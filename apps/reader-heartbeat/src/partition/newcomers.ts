import { describeError, within, type Clock, type Logger } from '@signalbox/platform';
import type { Beat } from '../liveness/beat.js';
import type { Instant } from '../liveness/instant.js';
import { movesReader } from '../liveness/moves-reader.rules.js';
import { now } from '../liveness/now.js';
import type { Reader } from '../liveness/reader.js';
import type { ReaderTable } from '../liveness/reader-table.rules.js';
import { MOST_MOVED, type MoveRepository, type ReaderElsewhere } from './persistence/move.repository.js';
import type { BeatWithoutPlace, ReaderPartition } from './reader-partition.js';

/** Heartbeats of new readers wait so long for the database at most. */
const LOOK_UP_MS = 1_000;
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
}

/** Heartbeats that arrived at the same time. */
interface Waiting {
  readonly beats: readonly Beat[];
  readonly at: Instant;
  readonly onWithoutPlace: OnWithoutPlace;
}

interface LookedUp {
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
  /** Whose heartbeats wait. */
  private ids = new Set<string>();
  private readonly unresolved = new Set<string>();
  private isLookingUp = false;
  private isClosed = false;

  constructor(private readonly options: NewcomersOptions) {}

  /** Keeps the heartbeats of newcomers. @returns those of the other readers, in order */
  keep(beats: readonly Beat[], at: Instant, onWithoutPlace: OnWithoutPlace): readonly Beat[] {
    const first = beats.findIndex((beat) => this.isNewcomer(beat));
    if (first < 0) return beats;
    const others = beats.slice(0, first);
    const kept: Beat[] = [];
    for (const beat of beats.slice(first)) (this.isNewcomer(beat) ? kept : others).push(beat);
    for (const { readerId } of kept) this.ids.add(readerId);
    this.waiting.push({ beats: kept, at, onWithoutPlace });
    if (!this.isLookingUp) void this.lookUpAll();
    return others;
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

  private async lookUpAll(): Promise<void> {
    this.isLookingUp = true;
    while (this.waiting.length > 0) {
      const round = this.waiting;
      this.waiting = [];
      const late = new Set<string>();
      const ids = new Set(round.flatMap(({ beats }) => beats.map(({ readerId }) => readerId)));
      let isAvailable = true;
      for (const some of portions([...ids].filter((id) => this.options.table.get(id) === undefined))) {
        // Of any number of readers, one look-up that takes too long is enough to wait for.
        const found: LookedUp = isAvailable ? await this.lookUp(some, round) : this.postpone(some);
        isAvailable = found.isAvailable;
        for (const id of found.late) late.add(id);
      }
      if (this.isClosed) break;
      this.apply(round, late);
      this.ids = new Set(this.waiting.flatMap(({ beats }) => beats.map(({ readerId }) => readerId)));
    }
    this.isLookingUp = false;
  }

  /** Adopts those of the readers that have moved. */
  private async lookUp(ids: readonly string[], round: readonly Waiting[]): Promise<LookedUp> {
    const { number, epoch, table, partition, moves, clock, logger } = this.options;
    let moved: Reader[] = [];
    let late: string[] = [];
    let isAvailable = true;
    try {
      const found = newest(await within({ clock, ms: LOOK_UP_MS }, moves.elsewhere(number, ids, now(clock))));
      if (found.size === 0) return { late, isAvailable };
      const moving = new Set<string>();
      for (const { beats } of round)
        for (const beat of beats) {
          const known = found.get(beat.readerId);
          if (known !== undefined && movesReader(known, beat)) moving.add(beat.readerId);
        }
      moved = [...found.values()].filter(({ readerId }) => moving.has(readerId));
      late = [...found.keys()].filter((id) => !moving.has(id));
      if (moved.length === 0) return { late, isAvailable };
      await within({ clock, ms: LOOK_UP_MS }, moves.move(number, epoch, [...moving]));
    } catch (error) {
      logger.debug({ reason: describeError(error), readers: ids.length }, 'new readers not looked up; retrying');
      ({ isAvailable } = this.postpone(ids));
    }
    // Some may have been inherited meanwhile.
    const adopted = moved.filter(({ readerId }) => table.get(readerId) === undefined);
    if (!this.isClosed && adopted.length > 0) {
      partition.adopt(adopted);
      logger.debug({ partition: number, readers: adopted.length }, 'readers moved from other partitions');
    }
    return { late, isAvailable };
  }

  private postpone(ids: readonly string[]): LookedUp {
    for (const id of ids) if (this.unresolved.size < MOST_UNRESOLVED) this.unresolved.add(id);
    return { late: [], isAvailable: false };
  }

  private apply(round: readonly Waiting[], late: ReadonlySet<string>): void {
    for (const { beats, at, onWithoutPlace } of round) {
      const applied = late.size === 0 ? beats : beats.filter(({ readerId }) => !late.has(readerId));
      onWithoutPlace(this.options.partition.record(applied, at));
    }
    this.options.onApplied();
  }
}

/** Of each reader the entry with the last heartbeat. */
export function newest(found: readonly ReaderElsewhere[]): Map<string, Reader> {
  const readers = new Map<string, Reader>();
  for (const { reader } of found) {
    const other = readers.get(reader.readerId);
    if (other === undefined || other.receivedAt.unix < reader.receivedAt.unix) readers.set(reader.readerId, reader);
  }
  return readers;
}

function* portions(ids: readonly string[]): Iterable<readonly string[]> {
  for (let from = 0; from < ids.length; from += MOST_MOVED) yield ids.slice(from, from + MOST_MOVED);
}
