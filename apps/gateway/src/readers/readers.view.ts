import { Injectable } from '@nestjs/common';
import {
  readersStream,
  type ReaderEntry,
  type ReadersSettings,
  type ReaderState,
  type ReadersStream,
  type StreamBeats,
} from '@signalbox/contracts/streams';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import { ReaderStates } from '@signalbox/status-facts';
import { PARTITION } from './partition.js';
import { shownTime } from './shown-time.rules.js';

export interface ReaderRecord {
  readonly entry: ReaderEntry;
  /** Unix ms at which reader-heartbeat received its last beat. */
  readonly receivedAt: number;
}

const stream = readersStream(PARTITION);

/** The readers with the times of their last beats. */
@Injectable()
export class ReadersView {
  private readonly readers: FollowedStream<ReadersStream>;
  /** Unix ms of the beats that came beside the deltas, of known readers. */
  private readonly beatTimes = new Map<string, number>();
  private beatChanges = 0;
  private readonly readerListeners = new Set<(readerId: string) => void>();

  constructor(
    streams: FollowedStreams,
    private readonly states: ReaderStates,
  ) {
    this.readers = streams.follow(stream);
    this.readers.onMessage(stream.beside.beats, ({ beats }) => this.takeBeats(beats));
    const { reader } = this.readers.collections;
    reader.onSet(({ reader_id }) => this.notify(reader_id));
    reader.onRemoved(({ reader_id }) => {
      this.beatTimes.delete(reader_id);
      this.notify(reader_id);
    });
  }

  /** False until the first snapshot. */
  get hasSnapshot(): boolean {
    return this.readers.hasSnapshot;
  }

  /** How reader-heartbeat judges; undefined until the first snapshot. */
  get settings(): ReadersSettings | undefined {
    return this.readers.collections.settings.get();
  }

  /** Grows with each change of anything that is shown: beats within the second that is shown do not count. */
  get revision(): number {
    return this.readers.revision + this.beatChanges;
  }

  /** Undefined: there is no such reader, or no snapshot. */
  of(readerId: string): ReaderRecord | undefined {
    const entry = this.readers.collections.reader.get(readerId);
    return entry && { entry, receivedAt: this.receivedAt(entry) };
  }

  entries(): Iterable<ReaderEntry> {
    return this.readers.collections.reader.values();
  }

  *all(): Iterable<ReaderRecord> {
    for (const entry of this.entries()) yield { entry, receivedAt: this.receivedAt(entry) };
  }

  count(): Record<ReaderState, number> {
    return this.states.count();
  }

  /** Calls the listener after each change of a reader's state. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    return this.readers.onChange(listener);
  }

  /** Calls the listener with each reader that was added, changed (its entry, or the second of its last beat) or removed. Returns how to stop that. */
  onReader(listener: (readerId: string) => void): () => void {
    this.readerListeners.add(listener);
    return () => this.readerListeners.delete(listener);
  }

  private notify(readerId: string): void {
    for (const listener of this.readerListeners) listener(readerId);
  }

  /** An entry may be older than a beat that was already received. */
  private receivedAt({ reader_id, received_at }: ReaderEntry): number {
    return Math.max(received_at, this.beatTimes.get(reader_id) ?? 0);
  }

  private takeBeats(beats: StreamBeats['beats']): void {
    let changed = false;
    for (const [readerId, receivedAt] of beats) {
      const entry = this.readers.collections.reader.get(readerId);
      if (entry === undefined) continue;
      const before = this.receivedAt(entry);
      if (receivedAt <= before) continue;
      this.beatTimes.set(readerId, receivedAt);
      if (shownTime(receivedAt) === shownTime(before)) continue;
      changed = true;
      this.notify(readerId);
    }
    if (changed) this.beatChanges += 1;
  }
}
