import type { StreamDigest } from './digest.js';

/** The current value of a key at its owner. `version` is the seq of the delta that last set it. */
export interface Entry<V> {
  readonly key: string;
  readonly value: V;
  readonly version: number;
}

/**
 * What a stream contains, by key, with its digest: entries at the owner, only their versions at a replica. The functions below keep both in
 * step. Entries are replaced, never changed.
 */
export interface Content<E> {
  readonly entries: Map<string, E>;
  readonly digest: StreamDigest;
  readonly versionOf: (entry: E) => number;
}

export function putEntry<E>({ entries, digest, versionOf }: Content<E>, key: string, entry: E): void {
  const replaced = entries.get(key);
  if (replaced !== undefined) digest.remove(key, versionOf(replaced));
  digest.add(key, versionOf(entry));
  entries.set(key, entry);
}

/** Returns whether the key existed. */
export function removeEntry<E>({ entries, digest, versionOf }: Content<E>, key: string): boolean {
  const removed = entries.get(key);
  if (removed === undefined) return false;
  digest.remove(key, versionOf(removed));
  return entries.delete(key);
}

/**
 * Applies one change of a delta: `entry` has the seq of the delta as its version; null removes the key. Returns whether the content changed.
 * Owner and replica both use this function, so that the same delta gives both the same versions and hence the same digest. An equal value is a
 * new version, too: it is the owner that may leave it out when it makes the delta.
 */
export function applyChange<E>(content: Content<E>, key: string, entry: E | null): boolean {
  if (entry === null) return removeEntry(content, key);
  putEntry(content, key, entry);
  return true;
}
