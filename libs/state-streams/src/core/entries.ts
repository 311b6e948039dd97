import type { StreamDigest } from './digest.js';

/** The current value of a key. `version` is the seq of the delta that last set it. Entries are replaced, never changed. */
export interface Entry<V> {
  readonly key: string;
  readonly value: V;
  readonly version: number;
}

/** The content of a stream with its digest. The functions below keep them in step. */
export interface Content<V> {
  readonly entries: Map<string, Entry<V>>;
  readonly digest: StreamDigest;
}

export function putEntry<V>({ entries, digest }: Content<V>, entry: Entry<V>): void {
  const replaced = entries.get(entry.key);
  if (replaced !== undefined) digest.remove(replaced.key, replaced.version);
  digest.add(entry.key, entry.version);
  entries.set(entry.key, entry);
}

/** Returns whether the key existed. */
export function removeEntry<V>({ entries, digest }: Content<V>, key: string): boolean {
  const removed = entries.get(key);
  if (removed === undefined) return false;
  digest.remove(key, removed.version);
  return entries.delete(key);
}

/**
 * Applies one change of the delta numbered `seq`; returns whether the content changed. Owner and replica both use this
 * function, so that the same delta gives both the same versions and hence the same digest. An equal value is a new
 * version, too: it is the owner that may leave it out when it makes the delta.
 */
export function applyChange<V>(content: Content<V>, change: { key: string; value: V | null }, seq: number): boolean {
  if (change.value === null) return removeEntry(content, change.key);
  putEntry(content, { key: change.key, value: change.value, version: seq });
  return true;
}
