import type { StreamBeacon, StreamChange, StreamDelta } from '@signalbox/contracts/streams';
import { cutBySize, type SizeLimits } from './cut-by-size.js';
import { StreamDigest } from './digest.js';
import { applyChange, putEntry, type Content, type Entry } from './entries.js';
import { jsonEqual } from './json-equal.js';
import { bytesOfEntry } from './json-size.js';

/** RabbitMQ 4 refuses messages of more than 16 MiB, and a large delta blocks the event loop of each replica. */
const DELTA_LIMITS: SizeLimits = { maxItems: 1_000, maxBytes: 1_024 * 1_024 };

/** A change of a stream whose values are `V`; null removes the key. */
export interface OwnedChange<V> {
  readonly key: string;
  readonly value: V | null;
}

/** An entry that its owner has measured, or not yet. */
export interface MeasuredEntry<V> extends Entry<V> {
  /** That it takes as JSON; 0: not measured. */
  bytes: number;
}

interface MeasuredChange<V> extends OwnedChange<V> {
  readonly bytes: number;
}

/** A copy of an owner's content that later changes do not reach. */
export interface FrozenSnapshot<V> {
  readonly epoch: number;
  readonly seq: number;
  readonly entries: readonly MeasuredEntry<V>[];
}

export interface StreamOwnerOptions<V> {
  stream: string;
  /** Larger than every earlier epoch of this stream. */
  epoch: number;
  /** The number of the last delta the entries contain; 0 by default. Initial entries get it as their version. */
  seq?: number;
  entries?: Iterable<readonly [key: string, value: V]>;
}

/**
 * The owner's copy of one stream in one epoch: it numbers the changes and holds the content. `V` must survive JSON
 * unchanged. Values are kept as they are given, not copied: the caller must not change them afterwards.
 */
export class StreamOwner<V extends NonNullable<unknown>> {
  readonly stream: string;
  readonly epoch: number;
  private lastSeq: number;
  private readonly content: Content<MeasuredEntry<V>> = {
    entries: new Map(),
    digest: new StreamDigest(),
    versionOf: ({ version }) => version,
  };

  constructor({ stream, epoch, seq = 0, entries = [] }: StreamOwnerOptions<V>) {
    this.stream = stream;
    this.epoch = epoch;
    this.lastSeq = seq;
    this.restore(entries);
  }

  get seq(): number {
    return this.lastSeq;
  }

  get size(): number {
    return this.content.entries.size;
  }

  get(key: string): V | undefined {
    return this.content.entries.get(key)?.value;
  }

  *entries(): IterableIterator<[key: string, value: V]> {
    for (const { key, value } of this.content.entries.values()) yield [key, value];
  }

  /** Adds initial entries, before the first delta and before the content is served. */
  restore(entries: Iterable<readonly [key: string, value: V]>): void {
    const version = this.lastSeq;
    for (const [key, value] of entries) putEntry(this.content, key, { key, value, version, bytes: 0 });
  }

  /**
   * For owners in memory: takes the next seqs and returns the deltas to publish, in order; none where nothing changes. Of several changes of one
   * key the last counts; changes without an effect are left out. Many changes are several deltas: at most 1,000 changes and 1 MiB each.
   */
  commit(changes: Iterable<OwnedChange<V>>, limits: SizeLimits = DELTA_LIMITS): StreamDelta[] {
    const last = new Map<string, V | null>();
    for (const { key, value } of changes) last.set(key, value);
    const effective: MeasuredChange<V>[] = [];
    for (const [key, value] of last) {
      if (!jsonEqual(value, this.get(key) ?? null)) effective.push({ key, value, bytes: bytesOfEntry(key, value) });
    }
    return Array.from(
      cutBySize(effective, ({ bytes }) => bytes, limits),
      (group) => {
        this.take(group);
        // V is JSON by the contract of this class. The output type of a zod schema cannot express that.
        const made = group.map(({ key, value }) => ({ key, value })) as StreamChange[];
        return { stream: this.stream, epoch: this.epoch, seq: this.lastSeq, changes: made };
      },
    );
  }

  /**
   * For owners whose seq comes from the database: applies a delta that was committed there.
   * Throws StreamOrderError, with nothing changed, unless it is this stream's next one in this epoch.
   */
  apply(delta: StreamDelta): void {
    if (delta.stream !== this.stream || delta.epoch !== this.epoch || delta.seq !== this.lastSeq + 1) {
      throw new StreamOrderError({ stream: this.stream, epoch: this.epoch, seq: this.lastSeq + 1 }, delta);
    }
    this.take((delta.changes as OwnedChange<V>[]).map(({ key, value }) => ({ key, value, bytes: 0 })));
  }

  beacon(): StreamBeacon {
    return { stream: this.stream, epoch: this.epoch, seq: this.lastSeq, digest: this.content.digest.toString() };
  }

  /** Costs one array of references: entries are never changed in place, so the copy shares them. */
  snapshot(): FrozenSnapshot<V> {
    return { epoch: this.epoch, seq: this.lastSeq, entries: [...this.content.entries.values()] };
  }

  private take(changes: readonly MeasuredChange<V>[]): void {
    const version = (this.lastSeq += 1);
    for (const { key, value, bytes } of changes)
      applyChange(this.content, key, value === null ? null : { key, value, version, bytes });
  }
}

type Position = Pick<StreamDelta, 'stream' | 'epoch' | 'seq'>;

/** A delta that is not the next one of its owner's copy: the copy and the database differ. */
export class StreamOrderError extends Error {
  readonly code = 'stream_order';

  constructor(expected: Position, got: Position) {
    super(`expected delta ${describe(expected)}, received ${describe(got)}`);
    this.name = 'StreamOrderError';
  }
}

function describe({ stream, epoch, seq }: Position): string {
  return `${stream} epoch ${epoch} seq ${seq}`;
}
