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
  private readonly byKey = new Map<string, Value>();
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

  /** Sets or, with null, removes the entry. A value that the kind's schema refuses removes it, too; then this returns false. */
  apply(key: string, value: JsonValue | null): boolean {
    const parsed = value === null ? undefined : this.kind.schema.safeParse(value);
    if (parsed?.success) this.set(key, parsed.data);
    else this.remove(key);
    return parsed?.success ?? true;
  }

  /** Removes every entry whose key is not among these. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.byKey.keys()) if (!keys.has(key)) this.remove(key);
  }

  private set(key: string, value: Value): void {
    const replaced = this.byKey.get(key);
    this.byKey.set(key, value);
    for (const index of this.indexes) {
      if (replaced !== undefined) index.remove(key, replaced);
      index.add(key, value);
    }
    for (const listener of this.setListeners) listener(value);
    this.changes += 1;
  }

  private remove(key: string): void {
    const removed = this.byKey.get(key);
    if (removed === undefined) return;
    this.byKey.delete(key);
    for (const index of this.indexes) index.remove(key, removed);
    for (const listener of this.removedListeners) listener(removed);
    this.changes += 1;
  }
}
