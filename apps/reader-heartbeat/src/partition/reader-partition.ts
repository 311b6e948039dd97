import { readersEntries, type ReaderEntry, type ReadersSettings, type StreamDelta } from '@signalbox/contracts/streams';
import { StreamOwner, type OwnedChange } from '@signalbox/state-streams';
import type { Beat } from '../liveness/beat.js';
import type { Instant } from '../liveness/instant.js';
import type { Reader } from '../liveness/reader.js';
import type { NoPlace, ReaderTable } from '../liveness/reader-table.rules.js';
import type { Transition } from '../liveness/transition.js';
import { toReaderEntry } from './reader-entry.js';

/** Readers that one call ends to show. */
const MOST_ENDED = 1_000;

/** Receives the changes of a partition, to publish and to store them. */
export interface PartitionListener {
  /** A delta of the partition's stream, to be published in this order. */
  committed(delta: StreamDelta): void;
  /** `readers` changed in state or profile; `forgotten` are no longer known; `transitions` are the steps in their history. */
  changed(readers: Iterable<Reader>, forgotten: readonly Reader[], transitions: readonly Transition[]): void;
  /** A heartbeat of this reader was received, and nothing changed that is shown. Called for each heartbeat: cheap. */
  renewed(reader: Reader): void;
}

export interface ReaderPartitionOptions {
  readonly stream: string;
  readonly epoch: number;
  /** Has no readers yet. */
  readonly table: ReaderTable;
  readonly settings: ReadersSettings;
  readonly listener: PartitionListener;
}

/** A heartbeat of a new reader that was not added, or whose longer description was not taken. */
export interface BeatWithoutPlace {
  readonly beat: Beat;
  readonly limit: NoPlace['limit'];
}

/** The owner's side of one partition: its readers, and the stream that publishes them. */
export class ReaderPartition {
  readonly owner: StreamOwner<ReaderEntry | ReadersSettings>;
  private readonly table: ReaderTable;
  private readonly listener: PartitionListener;
  /** When readers were dropped that the stream still shows, monotonic ms, in order. */
  private readonly moved = new Map<string, number>();
  /** How often readers were adopted. */
  adoptions = 0;

  constructor({ stream, epoch, table, settings, listener }: ReaderPartitionOptions) {
    this.table = table;
    this.listener = listener;
    this.owner = new StreamOwner({ stream, epoch, entries: [[readersEntries.settings.key(), settings]] });
  }

  /** Adds readers that were stored by an earlier owner, before the stream is published. */
  restore(readers: readonly Reader[]): void {
    this.table.restore(readers);
    const entries: [string, ReaderEntry][] = [];
    for (const reader of readers) {
      const entry = toReaderEntry(reader);
      if (entry !== null) entries.push([readersEntries.reader.key(reader.readerId), entry]);
    }
    this.owner.restore(entries);
  }

  /** As that of {@link ReaderTable}. */
  nextDue(exactUntil: number): number | undefined {
    return this.table.nextDue(exactUntil);
  }

  /** Applies heartbeats in order of arrival. Returns those for whose reader, or for whose description, there is no place. */
  record(beats: readonly Beat[], at: Instant): BeatWithoutPlace[] {
    const withoutPlace: BeatWithoutPlace[] = [];
    const changed = new Map<string, Reader>();
    for (const beat of beats) {
      const verdict = this.table.record(beat, at);
      if (verdict.kind === 'renewed') this.listener.renewed(verdict.reader);
      if (verdict.kind === 'changed') changed.set(beat.readerId, verdict.reader);
      if (verdict.limit !== undefined) withoutPlace.push({ beat, limit: verdict.limit });
    }
    if (changed.size > 0) this.commit(changed.values(), []);
    return withoutPlace;
  }

  /** Does to the readers what the passing of time does, to some at a time: until it is complete, it is to be called again. */
  expire(at: Instant): { died: readonly Reader[]; isComplete: boolean } {
    const { died, calmed, forgotten, isComplete } = this.table.expire(at);
    if (died.length + calmed.length + forgotten.length > 0) this.commit([...died, ...calmed], forgotten);
    return { died, isComplete };
  }

  /** Monotonic ms at which the state of a reader ends without a heartbeat; Infinity: never. */
  endOf(reader: Reader): number {
    return this.table.endOf(reader);
  }

  /** A reader that is shown. */
  shown(readerId: string): Reader | undefined {
    const reader = this.table.get(readerId);
    return reader?.state === 'gone' ? undefined : reader;
  }

  /** The step in the history of a reader that is to be forgotten before its time. */
  forgetting(reader: Reader, at: Instant): Transition {
    return this.table.forgetting(reader, at);
  }

  /** Forgets a reader before its time. @returns the seq at which the stream does not show it any more */
  forget(reader: Reader): number {
    this.table.remove(reader.readerId);
    this.commit([], [reader]);
    return this.owner.seq;
  }

  /** Readers that were in another partition, with all that is known of them. */
  adopt(readers: readonly Reader[]): void {
    this.adoptions += 1;
    this.table.restore(readers);
    this.commit(readers, []);
  }

  /**
   * Readers that are in another partition now. That is no step in their history. The stream shows them until {@link endMoved}, as they were: the
   * other one may not show them yet.
   */
  drop(readers: readonly Reader[], at: number): void {
    if (readers.length === 0) return;
    for (const { readerId } of readers) {
      this.table.remove(readerId);
      this.moved.delete(readerId);
      this.moved.set(readerId, at);
    }
    this.listener.changed([], readers, []);
  }

  /** Ends showing readers that were dropped before `before` (monotonic ms) and have not come back, some at a time. @returns whether that were all */
  endMoved(before: number): boolean {
    const ended: string[] = [];
    let isComplete = true;
    let looks = 0;
    for (const [readerId, at] of this.moved) {
      if (at >= before) break;
      isComplete = looks < MOST_ENDED;
      if (!isComplete) break;
      looks += 1;
      this.moved.delete(readerId);
      if (this.table.get(readerId) === undefined) ended.push(readerId);
    }
    for (const delta of this.owner.commit(ended.map((id) => ({ key: readersEntries.reader.key(id), value: null }))))
      this.listener.committed(delta);
    return isComplete;
  }

  /** Whether neither table nor stream has a reader. */
  get isEmpty(): boolean {
    return this.table.size + this.moved.size === 0;
  }

  /** The settings have changed. */
  setSettings(settings: ReadersSettings): void {
    const deltas = this.owner.commit([{ key: readersEntries.settings.key(), value: settings }]);
    for (const delta of deltas) this.listener.committed(delta);
  }

  /** Heartbeats could not be received until `since` (monotonic ms). */
  resumeReceiving(since: number): void {
    this.table.resumeReceiving(since);
  }

  private commit(changed: Iterable<Reader>, forgotten: readonly Reader[]): void {
    const readers = [...changed];
    const changes: OwnedChange<ReaderEntry>[] = [
      ...readers.map((reader) => ({ key: readersEntries.reader.key(reader.readerId), value: toReaderEntry(reader) })),
      ...forgotten.map((reader) => ({ key: readersEntries.reader.key(reader.readerId), value: null })),
    ];
    for (const delta of this.owner.commit(changes)) this.listener.committed(delta);
    this.listener.changed(readers, forgotten, this.table.takeTransitions());
  }
}
