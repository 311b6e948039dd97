import { Injectable } from '@nestjs/common';
import {
  readerEntry,
  readerOfKey,
  readersSettings,
  SETTINGS_KEY,
  streams,
  type JsonValue,
  type ReaderEntry,
  type ReadersSettings,
  type ReaderState,
  type StreamBeats,
  type StreamChange,
} from '@signalbox/contracts/streams';
import type { ReplicaView } from '../replica/replica-view.js';

export interface ReaderRecord {
  readonly entry: ReaderEntry;
  /** Unix ms at which reader-heartbeat received its last beat. */
  readonly heardAt: number;
}

/** The readers as the gateway knows them: what their stream says, and the times of their last beats. */
@Injectable()
export class ReadersView implements ReplicaView {
  readonly stream = streams.readers(0);
  private readonly readers = new Map<string, ReaderRecord>();
  private readonly listeners = new Set<() => void>();
  private known = false;
  private inForce: ReadersSettings | undefined;
  private version = 0;

  /** False until the first snapshot. */
  get hasSnapshot(): boolean {
    return this.known;
  }

  /** How reader-heartbeat judges; undefined until the first snapshot. */
  get settings(): ReadersSettings | undefined {
    return this.inForce;
  }

  /** Grows with each change of anything here. */
  get revision(): number {
    return this.version;
  }

  all(): Iterable<ReaderRecord> {
    return this.readers.values();
  }

  count(): Record<ReaderState, number> {
    const counts = { loading: 0, live: 0, dead: 0 };
    for (const { entry } of this.readers.values()) counts[entry.state] += 1;
    return counts;
  }

  /** Calls `listener` after each change of a reader's state; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  reset(entries: Iterable<readonly [key: string, value: JsonValue]>): void {
    const before = new Map(this.readers);
    this.readers.clear();
    for (const [key, value] of entries) this.put(key, value, before);
    this.known = true;
    this.tell();
  }

  changed(changes: readonly StreamChange[]): void {
    for (const { key, value } of changes) this.put(key, value, this.readers);
    this.tell();
  }

  beats({ beats }: StreamBeats): void {
    for (const [readerId, heardAt] of beats) {
      const record = this.readers.get(readerId);
      if (record !== undefined && heardAt > record.heardAt)
        this.readers.set(readerId, { entry: record.entry, heardAt });
    }
    this.version += 1;
  }

  private put(key: string, value: JsonValue | null, before: ReadonlyMap<string, ReaderRecord>): void {
    if (key === SETTINGS_KEY) this.inForce = readersSettings.safeParse(value).data ?? this.inForce;
    const readerId = readerOfKey(key);
    if (readerId === undefined) return;
    const { data: entry } = readerEntry.safeParse(value);
    if (entry === undefined) {
      this.readers.delete(readerId);
      return;
    }
    // A snapshot may be older than a beat that was already told.
    const heardAt = Math.max(entry.received_at, before.get(readerId)?.heardAt ?? 0);
    this.readers.set(readerId, { entry, heardAt });
  }

  private tell(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
