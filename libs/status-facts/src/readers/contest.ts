import type { ReaderEntry } from '@signalbox/contracts/streams';
import { endOf, shownOf, type EndedCandidate, type ReaderCandidate } from './reader-candidate.rules.js';

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

/** A reader that several partitions have, or that one has from before its end in another. */
export class Contest {
  private readonly candidates: HeldReader[];
  private ended: EndedCandidate | undefined;

  constructor(first: HeldReader) {
    this.candidates = [first];
  }

  /** Undefined: no partition has the reader as of after its end. */
  get shown(): HeldReader | undefined {
    return shownOf(this.candidates, this.ended);
  }

  /** Whether there is nothing to choose from any more. */
  get isOver(): boolean {
    const [first, second] = this.candidates;
    return first === undefined || (second === undefined && first.receivedAt > (this.ended?.receivedAt ?? -Infinity));
  }

  get partitions(): number[] {
    return this.candidates.map(({ partition }) => partition);
  }

  of(partition: number): HeldReader | undefined {
    return this.candidates.find((each) => each.partition === partition);
  }

  add(candidate: HeldReader): void {
    this.candidates.push(candidate);
  }

  /** @param isEnd the partition removed it; false: the partition itself is not followed any more */
  remove(partition: number, isEnd: boolean): void {
    const { shown } = this;
    const at = this.candidates.findIndex((each) => each.partition === partition);
    if (at < 0) return;
    const [removed] = this.candidates.splice(at, 1);
    if (isEnd && removed !== undefined && removed === shown) this.ended = endOf(removed, this.ended);
  }
}
