import type { StreamDigest } from './digest.js';

/** One key's present value. `version` is the seq of the delta that last set it. Entries are replaced, never changed. */
export interface Entry<V> {
  readonly key: string;
  readonly value: V;
  readonly version: number;
}

/** A stream's content together with its digest, which the functions below keep in step. */
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

/** Returns whether the key was there. */
export function removeEntry<V>({ entries, digest }: Content<V>, key: string): boolean {
  const removed = entries.get(key);
  if (removed === undefined) return false;
  digest.remove(key, removed.version);
  return entries.delete(key);
}

/**
 * Applies one change of the delta numbered `seq`; returns whether it could be seen. Owner and replica both go through
 * here, so that the same delta gives both the same versions and hence the same digest. An equal value is a new version
 * too: leaving it out is the owner's choice when it makes the delta.
 */
export function applyChange<V>(content: Content<V>, change: { key: string; value: V | null }, seq: number): boolean {
  if (change.value === null) return removeEntry(content, change.key);
  putEntry(content, { key: change.key, value: change.value, version: seq });
  return true;
}
