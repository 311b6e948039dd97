import { readersEntries, type ReaderEntry, type ReadersSettings, type StreamDelta } from '@signalbox/contracts/streams';
import { StreamOwner, type OwnedChange } from '@signalbox/state-streams';
import type { Beat } from '../liveness/beat.js';
import type { Instant } from '../liveness/instant.js';
import type { Reader } from '../liveness/reader.js';
import type { NoPlace, ReaderTable } from '../liveness/reader-table.rules.js';
import type { Transition } from '../liveness/transition.js';
import { toReaderEntry } from './reader-entry.js';

/** Receives the changes of a partition, to publish and to store them. */
export interface PartitionListener {
  /** A delta of the partition's stream, to be published in this order. */
  committed(delta: StreamDelta): void;
  /** `readers` changed in state or profile; `forgotten` are no longer known; `transitions` are the steps in their history. */
  changed(readers: Iterable<Reader>, forgotten: readonly Reader[], transitions: readonly Transition[]): void;
  /** Heartbeats of these readers were received, and nothing else about them changed. */
  renewed(readers: Iterable<Reader>): void;
}

export interface ReaderPartitionOptions {
  readonly stream: string;
  readonly epoch: number;
  readonly table: ReaderTable;
  readonly settings: ReadersSettings;
  readonly listener: PartitionListener;
}

/** Readers of one delta. */
const PORTION = 1_000;

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
  /** How often readers were adopted. */
  adoptions = 0;

  constructor({ stream, epoch, table, settings, listener }: ReaderPartitionOptions) {
    this.table = table;
    this.listener = listener;
    const entries: [string, ReaderEntry | ReadersSettings][] = [[readersEntries.settings.key(), settings]];
    for (const reader of table.all()) {
      const entry = toReaderEntry(reader);
      if (entry !== null) entries.push([readersEntries.reader.key(reader.readerId), entry]);
    }
    this.owner = new StreamOwner({ stream, epoch, entries });
  }

  /** Monotonic ms at which {@link expire} has something to do. */
  nextDue(): number {
    return this.table.nextDue();
  }

  /** Applies heartbeats in order of arrival. Returns those for whose reader, or for whose description, there is no place. */
  record(beats: readonly Beat[], at: Instant): BeatWithoutPlace[] {
    const withoutPlace: BeatWithoutPlace[] = [];
    const changed = new Map<string, Reader>();
    const renewed = new Map<string, Reader>();
    for (const beat of beats) {
      const verdict = this.table.record(beat, at);
      if (verdict.kind === 'changed') changed.set(beat.readerId, verdict.reader);
      if (verdict.kind === 'renewed') renewed.set(beat.readerId, verdict.reader);
      if (verdict.limit !== undefined) withoutPlace.push({ beat, limit: verdict.limit });
    }
    if (changed.size > 0) this.commit(changed.values(), []);
    if (renewed.size > 0) this.listener.renewed(renewed.values());
    return withoutPlace;
  }

  /** Does to the readers what the passing of time does. */
  expire(at: Instant): { died: readonly Reader[] } {
    const { died, calmed, forgotten } = this.table.expire(at);
    if (died.length + calmed.length + forgotten.length > 0) this.commit([...died, ...calmed], forgotten);
    return { died };
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
    for (const some of portions(readers)) this.commit(some, []);
  }

  /** Readers that are in another partition now. That is no step in their history. */
  drop(readers: readonly Reader[]): void {
    for (const { readerId } of readers) this.table.remove(readerId);
    for (const some of portions(readers)) this.commit([], some);
  }

  /** The settings have changed. */
  setSettings(settings: ReadersSettings): void {
    const delta = this.owner.commit([{ key: readersEntries.settings.key(), value: settings }]);
    if (delta !== undefined) this.listener.committed(delta);
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
    const delta = this.owner.commit(changes);
    if (delta !== undefined) this.listener.committed(delta);
    this.listener.changed(readers, forgotten, this.table.takeTransitions());
  }
}

function* portions(readers: readonly Reader[]): Iterable<readonly Reader[]> {
  for (let from = 0; from < readers.length; from += PORTION) yield readers.slice(from, from + PORTION);
}
