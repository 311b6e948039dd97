import { Inject, Injectable } from '@nestjs/common';
import {
  readersStream,
  type ReaderEntry,
  type ReadersSettings,
  type ReadersStream,
} from '@signalbox/contracts/streams';
import { CLOCK, type Clock } from '@signalbox/platform';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import { MergedReaders, type ShownListener } from './merged-readers.js';
import { MovingReaders } from './moving-readers.js';
import type { ReaderCandidate } from './reader-candidate.rules.js';

/**
 * The readers as this process knows them. It follows the stream of partition 0 from the start, and of every other partition that the
 * settings in that stream count.
 */
@Injectable()
export class Readers {
  private readonly merged = new MergedReaders();
  private readonly moving: MovingReaders;
  private readonly streamsByPartition: FollowedStream<ReadersStream>[] = [];
  private readonly listeners = new Set<() => void>();
  private hadSnapshots = false;

  constructor(
    private readonly streams: FollowedStreams,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.moving = new MovingReaders(clock, (partition, readerId) => this.merged.remove(partition, readerId));
    this.add(streams.follow(readersStream(0), { requiredForReadiness: false }));
  }

  /** False until every partition has had its first snapshot. It stays true when there are more partitions later. */
  get hasSnapshot(): boolean {
    return this.hadSnapshots;
  }

  /** How many partitions are followed. */
  get partitions(): number {
    return this.streamsByPartition.length;
  }

  get partitionsWithSnapshot(): number {
    return this.streamsByPartition.filter(({ hasSnapshot }) => hasSnapshot).length;
  }

  /** How reader-heartbeat judges; undefined until the first snapshot. */
  get settings(): ReadersSettings | undefined {
    return this.first.collections.settings.get();
  }

  get size(): number {
    return this.merged.size;
  }

  /** Grows with each change of anything that is shown: beats within the second that is shown do not count. */
  get revision(): number {
    return this.merged.revision + this.first.collections.settings.revision + Number(this.hadSnapshots);
  }

  /** What it returns may change later. Undefined: there is no such reader, or no snapshot. */
  get(readerId: string): ReaderCandidate | undefined {
    return this.merged.get(readerId);
  }

  values(): Iterable<ReaderCandidate> {
    return this.merged.values();
  }

  /** The partition whose entry of the reader is shown. */
  partitionOf(readerId: string): number | undefined {
    return this.merged.get(readerId)?.partition;
  }

  /** The partitions that have a reader, also those whose entry is not shown. */
  partitionsOf(readerId: string): number[] {
    return this.merged.partitionsOf(readerId);
  }

  /** Calls the listener after each delta, snapshot and change of the partitions. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls the listener for each reader that is shown from now on, otherwise, or no more. Returns how to stop that. */
  onShown(listener: ShownListener): () => void {
    return this.merged.onShown(listener);
  }

  private get first(): FollowedStream<ReadersStream> {
    return this.streamsByPartition[0]!;
  }

  private add(content: FollowedStream<ReadersStream>): void {
    const partition = this.streamsByPartition.push(content) - 1;
    const { reader } = content.collections;
    reader.onSet((entry) => {
      this.merged.put(partition, entry);
      this.moving.arrived(partition, entry.reader_id);
    });
    reader.onRemoved((entry) => this.removed(partition, entry));
    content.onMessage(readersStream(partition).beside.beats, ({ beats }) => this.merged.beats(partition, beats));
    content.onChange(() => this.changed());
  }

  /** A partition that is not known yet may have it now. The dead ones are forgotten. */
  private removed(partition: number, { reader_id: readerId, state }: ReaderEntry): void {
    if (!this.isComplete && state !== 'dead') return this.moving.left(partition, readerId);
    // Nor is it anywhere that it left before.
    this.moving.arrived(partition, readerId);
    this.merged.remove(partition, readerId);
  }

  /** Whether there is a snapshot of each partition that the settings of any of them count. */
  private get isComplete(): boolean {
    const { partitions } = this;
    return this.streamsByPartition.every(
      ({ hasSnapshot, collections }) => hasSnapshot && (collections.settings.get()?.partitions ?? 1) <= partitions,
    );
  }

  private changed(): void {
    this.followPartitions(this.settings?.partitions ?? this.partitions);
    const { isComplete } = this;
    if (isComplete) this.moving.end();
    this.hadSnapshots ||= isComplete;
    for (const listener of this.listeners) listener();
  }

  private followPartitions(count: number): void {
    while (this.partitions < count) this.add(this.streams.join(readersStream(this.partitions)));
    while (this.partitions > count) this.leaveLast();
  }

  private leaveLast(): void {
    const content = this.streamsByPartition.pop()!;
    this.streams.leave(content.name);
    this.moving.endOf(this.partitions);
    this.merged.removeAll(this.partitions);
  }
}
