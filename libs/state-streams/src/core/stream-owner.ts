import type { StreamBeacon, StreamChange, StreamDelta } from '@signalbox/contracts/streams';
import { StreamDigest } from './digest.js';
import { applyChange, putEntry, type Content, type Entry } from './entries.js';
import { jsonEqual } from './json-equal.js';

/** A change of a stream whose values are `V`; null removes the key. */
export interface OwnedChange<V> {
  readonly key: string;
  readonly value: V | null;
}

/** A copy of an owner's content that later changes do not reach. */
export interface FrozenSnapshot<V> {
  readonly epoch: number;
  readonly seq: number;
  readonly entries: readonly Entry<V>[];
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
  private readonly content: Content<V> = { entries: new Map(), digest: new StreamDigest() };

  constructor({ stream, epoch, seq = 0, entries = [] }: StreamOwnerOptions<V>) {
    this.stream = stream;
    this.epoch = epoch;
    this.lastSeq = seq;
    for (const [key, value] of entries) putEntry(this.content, { key, value, version: seq });
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

  /**
   * For owners in memory: takes the next seq and returns the delta to publish. Of several changes of one key the last
   * counts; changes without an effect are left out. Undefined when none is left: then no seq was taken.
   */
  commit(changes: Iterable<OwnedChange<V>>): StreamDelta | undefined {
    const last = new Map<string, V | null>();
    for (const { key, value } of changes) last.set(key, value);
    const effective: OwnedChange<V>[] = [];
    for (const [key, value] of last) {
      if (!jsonEqual(value, this.get(key) ?? null)) effective.push({ key, value });
    }
    if (effective.length === 0) return undefined;
    this.take(effective);
    // V is JSON by the contract of this class. The output type of a zod schema cannot express that.
    return { stream: this.stream, epoch: this.epoch, seq: this.lastSeq, changes: effective as StreamChange[] };
  }

  /**
   * For owners whose seq comes from the database: applies a delta that was committed there.
   * Throws StreamOrderError, with nothing changed, unless it is this stream's next one in this epoch.
   */
  apply(delta: StreamDelta): void {
    if (delta.stream !== this.stream || delta.epoch !== this.epoch || delta.seq !== this.lastSeq + 1) {
      throw new StreamOrderError({ stream: this.stream, epoch: this.epoch, seq: this.lastSeq + 1 }, delta);
    }
    this.take(delta.changes as OwnedChange<V>[]);
  }

  beacon(): StreamBeacon {
    return { stream: this.stream, epoch: this.epoch, seq: this.lastSeq, digest: this.content.digest.toString() };
  }

  /** Costs one array of references: entries are never changed in place, so the copy shares them. */
  snapshot(): FrozenSnapshot<V> {
    return { epoch: this.epoch, seq: this.lastSeq, entries: [...this.content.entries.values()] };
  }

  private take(changes: readonly OwnedChange<V>[]): void {
    this.lastSeq += 1;
    for (const change of changes) applyChange(this.content, change, this.lastSeq);
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
