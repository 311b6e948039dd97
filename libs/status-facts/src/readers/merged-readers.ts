import type { ReaderEntry, StreamBeats } from '@signalbox/contracts/streams';
import { Contest, replaceEntry, type HeldReader } from './contest.js';
import { shownSecond, type ReaderCandidate } from './reader-candidate.rules.js';

/** Another entry of a reader is shown; without `change`, only another second of its last beat. */
export type ShownListener = (
  readerId: string,
  change: { readonly before: ReaderEntry | undefined; readonly after: ReaderEntry | undefined } | undefined,
) => void;

/**
 * The readers of all partitions: of a reader that several partitions have, because its sender moved, the entry with the latest receive
 * time. Entries are not copied, and what one partition alone has is compared with nothing.
 */
export class MergedReaders {
  private readonly shown = new Map<string, HeldReader>();
  /** Of the few that more than one partition has. */
  private readonly contests = new Map<string, Contest>();
  private readonly listeners = new Set<ShownListener>();
  private changes = 0;

  get size(): number {
    return this.shown.size;
  }

  /** Grows with each change of what is shown. */
  get revision(): number {
    return this.changes;
  }

  /** What it returns may change later. */
  get(readerId: string): ReaderCandidate | undefined {
    return this.shown.get(readerId);
  }

  values(): Iterable<ReaderCandidate> {
    return this.shown.values();
  }

  /** The partitions that have a reader, also those whose entry is not shown. */
  partitionsOf(readerId: string): number[] {
    const shown = this.shown.get(readerId);
    return this.contests.get(readerId)?.partitions ?? (shown === undefined ? [] : [shown.partition]);
  }

  /** Calls the listener for each reader that is shown from now on, otherwise, or no more. Returns how to stop that. */
  onShown(listener: ShownListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  put(partition: number, entry: ReaderEntry): void {
    const id = entry.reader_id;
    const shown = this.shown.get(id);
    const contest = this.contests.get(id);
    if (contest !== undefined) {
      this.settle(id, contest, () => contest.put(partition, entry));
    } else if (shown === undefined) {
      this.shown.set(id, { partition, entry, receivedAt: entry.received_at });
      this.announce(id, { before: undefined, after: entry });
    } else if (shown.partition === partition) {
      const before = shown.entry;
      replaceEntry(shown, entry);
      this.announce(id, { before, after: entry });
    } else {
      const begun = new Contest(shown);
      this.contests.set(id, begun);
      this.settle(id, begun, () => begun.put(partition, entry));
    }
  }

  remove(partition: number, readerId: string): void {
    const contest = this.contests.get(readerId);
    if (contest !== undefined) return this.settle(readerId, contest, () => contest.remove(partition));
    const shown = this.shown.get(readerId);
    if (shown?.partition !== partition) return;
    this.shown.delete(readerId);
    this.announce(readerId, { before: shown.entry, after: undefined });
  }

  /** A partition is not followed any more. What is shown of it may be of two snapshots, while the later one is being shown. */
  removeAll(partition: number): void {
    for (const [readerId, shown] of this.shown) if (shown.partition === partition) this.remove(partition, readerId);
    for (const readerId of this.contests.keys()) this.remove(partition, readerId);
  }

  /** Takes later receive times of readers that the partition has. */
  beats(partition: number, beats: StreamBeats['beats']): void {
    for (const [readerId, receivedAt] of beats) {
      const shown = this.shown.get(readerId);
      if (shown?.partition === partition) {
        // Later, it stays the latest.
        if (this.renew(shown, receivedAt)) this.announce(readerId, undefined);
      } else if (this.contests.size > 0) {
        this.beatOfOther(partition, readerId, receivedAt);
      }
    }
  }

  private beatOfOther(partition: number, readerId: string, receivedAt: number): void {
    const contest = this.contests.get(readerId);
    const held = contest?.of(partition);
    if (contest !== undefined && held !== undefined && receivedAt > held.receivedAt)
      this.settle(readerId, contest, () => (held.receivedAt = receivedAt));
  }

  /** @returns whether another second is shown */
  private renew(held: HeldReader, receivedAt: number): boolean {
    if (receivedAt <= held.receivedAt) return false;
    const isSeen = shownSecond(receivedAt) > shownSecond(held.receivedAt);
    held.receivedAt = receivedAt;
    return isSeen;
  }

  /** Changes a contest, and shows its winner. */
  private settle(readerId: string, contest: Contest, change: () => void): void {
    const shown = this.shown.get(readerId);
    const before = shown?.entry;
    change();
    const winner = contest.shown;
    if (contest.isOver) this.contests.delete(readerId);
    if (winner === undefined) this.shown.delete(readerId);
    else if (winner !== shown) this.shown.set(readerId, winner);
    // No time changes without the entry here: later beats of what is shown are no matter of the contest.
    if (before !== winner?.entry) this.announce(readerId, { before, after: winner?.entry });
  }

  private announce(...args: Parameters<ShownListener>): void {
    this.changes += 1;
    for (const listener of this.listeners) listener(...args);
  }
}
