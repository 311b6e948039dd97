import type { ReaderEntry } from '@signalbox/contracts/streams';
import { shownOf, type ReaderCandidate } from './reader-candidate.rules.js';

/** What a partition has of a reader; changed in place, because beats come by the thousand. */
export interface HeldReader extends ReaderCandidate {
  entry: ReaderEntry;
  receivedAt: number;
}

/** An entry may be older than a beat that was already received. */
export function replaceEntry(held: HeldReader, entry: ReaderEntry): void {
  held.entry = entry;
  if (entry.received_at > held.receivedAt) held.receivedAt = entry.received_at;
}

/** A reader that several partitions have. */
export class Contest {
  private readonly candidates: HeldReader[];

  constructor(first: HeldReader) {
    this.candidates = [first];
  }

  get shown(): HeldReader | undefined {
    return shownOf(this.candidates);
  }

  /** Whether there is nothing to choose from any more. */
  get isOver(): boolean {
    return this.candidates.length <= 1;
  }

  get partitions(): number[] {
    return this.candidates.map(({ partition }) => partition);
  }

  of(partition: number): HeldReader | undefined {
    return this.candidates.find((each) => each.partition === partition);
  }

  put(partition: number, entry: ReaderEntry): void {
    const held = this.of(partition);
    if (held === undefined) this.candidates.push({ partition, entry, receivedAt: entry.received_at });
    else replaceEntry(held, entry);
  }

  remove(partition: number): void {
    const at = this.candidates.findIndex((each) => each.partition === partition);
    if (at >= 0) this.candidates.splice(at, 1);
  }
}
