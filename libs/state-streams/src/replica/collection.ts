import type { EntryKind, JsonValue } from '@signalbox/contracts/streams';
import { CollectionIndex } from './collection-index.js';

/** The entries of one kind, as last received. Values are parsed; they are replaced, never changed. */
export interface Collection<Value, Names extends unknown[] = [name: string]> {
  readonly size: number;
  /** Grows with each change of an entry. */
  readonly revision: number;
  /** Takes what the kind's key takes; none for a single entry. */
  get(...names: Names): Value | undefined;
  values(): Iterable<Value>;
  /** With the stream's keys. */
  entries(): Iterable<[key: string, value: Value]>;
  /** Keeps the entries by what the function returns, from now on and for what is here already. */
  indexBy(group: (value: Value) => string): CollectionIndex<Value>;
  /** Calls the listener with each entry that was added or replaced. Returns how to stop that. */
  onSet(listener: (value: Value) => void): () => void;
  /** Calls the listener with each entry that was removed. Returns how to stop that. */
  onRemoved(listener: (value: Value) => void): () => void;
}

/** A collection with its writing side, which belongs to the stream it is part of. */
export class EntryCollection<Value, Names extends unknown[]> implements Collection<Value, Names> {
  private byKey = new Map<string, Value>();
  private readonly indexes: CollectionIndex<Value>[] = [];
  private readonly setListeners = new Set<(value: Value) => void>();
  private readonly removedListeners = new Set<(value: Value) => void>();
  private changes = 0;

  constructor(private readonly kind: EntryKind<Value, Names>) {}

  get size(): number {
    return this.byKey.size;
  }

  get revision(): number {
    return this.changes;
  }

  get(...names: Names): Value | undefined {
    return this.byKey.get(this.kind.key(...names));
  }

  values(): Iterable<Value> {
    return this.byKey.values();
  }

  entries(): Iterable<[key: string, value: Value]> {
    return this.byKey.entries();
  }

  indexBy(group: (value: Value) => string): CollectionIndex<Value> {
    const index = new CollectionIndex(group);
    for (const [key, value] of this.byKey) index.add(key, value);
    this.indexes.push(index);
    return index;
  }

  onSet(listener: (value: Value) => void): () => void {
    this.setListeners.add(listener);
    return () => this.setListeners.delete(listener);
  }

  onRemoved(listener: (value: Value) => void): () => void {
    this.removedListeners.add(listener);
    return () => this.removedListeners.delete(listener);
  }

  /** The value as it is kept; undefined where the kind's schema refuses it. */
  read(value: JsonValue): Value | undefined {
    return this.kind.schema.safeParse(value).data;
  }

  /** Sets the entry to a value that was read, or removes it. */
  apply(key: string, value: Value | undefined): void {
    if (value === undefined) this.remove(key);
    else this.set(key, value);
  }

  /** An empty collection with the same indexes, to be filled beside this one. */
  emptied(): EntryCollection<Value, Names> {
    const empty = new EntryCollection(this.kind);
    for (const { groupOf } of this.indexes) empty.indexBy(groupOf);
    return empty;
  }

  /**
   * Shows the entries of another collection, which is not to be used from then on, in place of all here. Does not look at each entry.
   * @returns the steps that call the listeners, with one entry each. They see the new entries at once, and nothing may change before the last step.
   */
  takeOver(other: EntryCollection<Value, Names>): Iterable<void> {
    const replaced = this.byKey;
    if (replaced.size === 0 && other.size === 0) return [];
    this.byKey = other.byKey;
    for (const [at, index] of this.indexes.entries()) index.takeOver(other.indexes[at] ?? other.indexBy(index.groupOf));
    this.changes += 1;
    return this.notifyReplaced(replaced);
  }

  private set(key: string, value: Value): void {
    const replaced = this.byKey.get(key);
    this.byKey.set(key, value);
    for (const index of this.indexes) {
      if (replaced !== undefined) index.remove(key, replaced);
      index.add(key, value);
    }
    this.notifySet(value);
    this.changes += 1;
  }

  private remove(key: string): void {
    const removed = this.byKey.get(key);
    if (removed === undefined) return;
    this.byKey.delete(key);
    for (const index of this.indexes) index.remove(key, removed);
    this.notifyRemoved(removed);
    this.changes += 1;
  }

  private *notifyReplaced(replaced: ReadonlyMap<string, Value>): Generator<void> {
    if (this.removedListeners.size > 0)
      for (const [key, value] of replaced) {
        if (!this.byKey.has(key)) this.notifyRemoved(value);
        yield;
      }
    if (this.setListeners.size > 0)
      for (const value of this.byKey.values()) {
        this.notifySet(value);
        yield;
      }
  }

  private notifySet(value: Value): void {
    for (const listener of this.setListeners) listener(value);
  }

  private notifyRemoved(value: Value): void {
    for (const listener of this.removedListeners) listener(value);
  }
}
