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

/** A heartbeat of a new reader that was not added. */
export interface BeatWithoutPlace {
  readonly beat: Beat;
  readonly limit: NoPlace['limit'];
}

/** The owner's side of one partition: its readers, and the stream that publishes them. */
export class ReaderPartition {
  readonly owner: StreamOwner<ReaderEntry | ReadersSettings>;
  private readonly table: ReaderTable;
  private readonly listener: PartitionListener;

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

  /** Applies heartbeats in order of arrival. Returns those without an effect because there is no place for their reader. */
  record(beats: readonly Beat[], at: Instant): BeatWithoutPlace[] {
    const withoutPlace: BeatWithoutPlace[] = [];
    const changed = new Map<string, Reader>();
    const renewed = new Map<string, Reader>();
    for (const beat of beats) {
      const verdict = this.table.record(beat, at);
      if (verdict.kind === 'changed') changed.set(beat.readerId, verdict.reader);
      if (verdict.kind === 'renewed') renewed.set(beat.readerId, verdict.reader);
      if (verdict.kind === 'no-place') withoutPlace.push({ beat, limit: verdict.limit });
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
