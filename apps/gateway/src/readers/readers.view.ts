import { Injectable } from '@nestjs/common';
import type { ReaderEntry, ReadersSettings, ReaderState } from '@signalbox/contracts/streams';
import { Readers, ReaderStates, type ShownListener } from '@signalbox/status-facts';

export interface ReaderRecord {
  readonly entry: ReaderEntry;
  /** Unix ms at which reader-heartbeat received its last beat. */
  readonly receivedAt: number;
}

/** The readers with the times of their last beats. */
@Injectable()
export class ReadersView {
  constructor(
    private readonly readers: Readers,
    private readonly states: ReaderStates,
  ) {}

  /** False until the first snapshot of every partition. */
  get hasSnapshot(): boolean {
    return this.readers.hasSnapshot;
  }

  /** How reader-heartbeat judges; undefined until the first snapshot. */
  get settings(): ReadersSettings | undefined {
    return this.readers.settings;
  }

  /** Grows with each change of anything that is shown: beats within the second that is shown do not count. */
  get revision(): number {
    return this.readers.revision;
  }

  /** What it returns may change later. Undefined: there is no such reader, or no snapshot. */
  of(readerId: string): ReaderRecord | undefined {
    return this.readers.get(readerId);
  }

  /** The partition whose entry of the reader is shown. */
  partitionOf(readerId: string): number | undefined {
    return this.readers.partitionOf(readerId);
  }

  /**
   * The partitions to ask about a reader, the one whose entry is shown last: those that have it, or all, of which one may have forgotten
   * it before.
   */
  partitionsOf(readerId: string): number[] {
    const shown = this.readers.partitionOf(readerId);
    const having = this.readers.partitionsOf(readerId);
    if (having.length === 0) return Array.from({ length: this.readers.partitions }, (_, partition) => partition);
    return shown === undefined ? having : [...having.filter((each) => each !== shown), shown];
  }

  get size(): number {
    return this.readers.size;
  }

  *entries(): Iterable<ReaderEntry> {
    for (const { entry } of this.all()) yield entry;
  }

  all(): Iterable<ReaderRecord> {
    return this.readers.values();
  }

  count(): Record<ReaderState, number> {
    return this.states.count();
  }

  /** Calls the listener after each change of a reader's state. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    return this.readers.onChange(listener);
  }

  /** Calls the listener for each reader that was added, changed (its entry, or the second of its last beat) or removed. */
  onReader(listener: ShownListener): () => void {
    return this.readers.onShown(listener);
  }
}
