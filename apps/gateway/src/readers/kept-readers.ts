import type { ReaderSortKey } from '@signalbox/contracts/http';
import type { ReaderEntry } from '@signalbox/contracts/streams';
import { LoopTurns } from '@signalbox/platform';
import { compare } from './reader-order.rules.js';
import type { ReadersView } from './readers.view.js';
import { SortedList } from './sorted-list.rules.js';

/** There may be hundreds of thousands of readers, and a hundred groups of each. */
const SLICE_MS = 3;
/** Readers between two looks at the clock. */
const AT_ONCE = 50;
/** Each change is given to all of them. */
const MOST_KEPT = 8;

/** What is derived of all readers, and follows their changes. */
export interface Derived {
  /** Whether a change can still be followed. Otherwise it is derived again. */
  readonly canFollow: boolean;
  add(reader: ReaderEntry): void;
  remove(reader: ReaderEntry): void;
}

interface Kept {
  readonly derived: Derived;
  /** Ready when it has all readers. */
  ready: Promise<void>;
  /** The last reader that it has: none while undefined, and all when it is ready. */
  upTo: ReaderPlace | undefined;
  isReady: boolean;
  /** Changes that it followed since it was last asked for. */
  unused: number;
}

/** What readers are kept in order by. */
export type ReaderPlace = Pick<ReaderEntry, 'reader_id' | 'since'>;
export type SortedReaders = SortedList<ReaderPlace, ReaderEntry>;

/** Heartbeats come too often for an order of them to be kept. */
export type KeptOrder = Exclude<ReaderSortKey, 'last_heartbeat_at'>;
type Compare = (a: ReaderPlace, b: ReaderPlace) => number;

const byId: Compare = (a, b) => compare(a.reader_id, b.reader_id);
const ORDERS: Readonly<Record<KeptOrder, Compare>> = {
  reader_id: byId,
  since: (a, b) => compare(a.since, b.since) || byId(a, b),
};

interface Ordered {
  readonly list: SortedReaders;
  readonly compare: Compare;
  /** Has all readers. */
  readonly filled: Promise<void>;
}

export interface Look {
  readonly list: SortedReaders;
  /** Undefined: all. */
  readonly after?: ReaderPlace | undefined;
  readonly isReversed?: boolean;
  /** @returns whether to go on */
  readonly see: (reader: ReaderEntry) => boolean;
}

/**
 * All readers in the orders that were asked for, and what the last lists derived of them. It is made when it is first asked for, in slices, for all
 * requests one slice at a time; then each change of a reader changes it.
 */
export class KeptReaders {
  private readonly turns = new LoopTurns();
  private readonly orders = new Map<KeptOrder, Ordered>();
  /** The one that was not asked for the longest time first. */
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly readers: Pick<ReadersView, 'all' | 'onReader' | 'size'>) {
    readers.onReader((_id, change) => {
      if (change !== undefined) this.changed(change.before, change.after);
    });
  }

  /** Has all changes before the call, and follows each that comes. */
  async inOrder(order: KeptOrder): Promise<SortedReaders> {
    const { list, filled } = this.orders.get(order) ?? this.beginOrder(order);
    await filled;
    return list;
  }

  /** What has this name, made if it is not kept. It has all changes before the call, and some of those after it. */
  async derive<Of extends Derived>(name: string, make: () => Of): Promise<Of> {
    const known = this.kept.get(name);
    const kept = known ?? this.begin(name, make());
    this.kept.delete(name);
    this.kept.set(name, kept);
    kept.unused = 0;
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MOST_KEPT) break;
      this.kept.delete(oldest);
    }
    await kept.ready;
    return kept.derived as Of;
  }

  /** Shows the readers of a list that come after the place, in slices, until `see` returns false. A change meanwhile is seen, or not. */
  async look({ list, after, isReversed = false, see }: Look): Promise<void> {
    const slices = this.turns.slices(SLICE_MS);
    let place = after;
    let isDone = false;
    while (!isDone) {
      await slices.next();
      isDone = true;
      let looked = 0;
      for (const reader of isReversed ? list.before(place) : list.after(place)) {
        place = reader;
        if (!see(reader)) break;
        looked += 1;
        if (looked % AT_ONCE > 0 || !slices.isOver) continue;
        isDone = false;
        break;
      }
    }
  }

  private begin(name: string, derived: Derived): Kept {
    const kept: Kept = { derived, ready: Promise.resolve(), upTo: undefined, isReady: false, unused: 0 };
    kept.ready = this.complete(kept).catch((error: unknown) => {
      this.drop(name, kept);
      throw error;
    });
    return kept;
  }

  private async complete(kept: Kept): Promise<void> {
    await this.look({
      list: await this.inOrder('reader_id'),
      see: (reader) => {
        kept.derived.add(reader);
        kept.upTo = reader;
        return true;
      },
    });
    kept.isReady = true;
  }

  private beginOrder(order: KeptOrder): Ordered {
    const list: SortedReaders = new SortedList(ORDERS[order]);
    const ordered = { list, compare: ORDERS[order], filled: this.fill(list) };
    this.orders.set(order, ordered);
    return ordered;
  }

  private async fill(list: SortedReaders): Promise<void> {
    const slices = this.turns.slices(SLICE_MS);
    await slices.next();
    let looked = 0;
    for (const { entry } of this.readers.all()) {
      list.put(entry);
      looked += 1;
      if (looked % AT_ONCE === 0 && slices.isOver) await slices.next();
    }
  }

  private changed(before: ReaderEntry | undefined, after: ReaderEntry | undefined): void {
    for (const ordered of this.orders.values()) {
      if (before !== undefined && (after === undefined || ordered.compare(before, after) !== 0))
        ordered.list.remove(before);
      if (after !== undefined) ordered.list.put(after);
    }
    for (const [name, kept] of this.kept) this.follow(name, kept, before, after);
  }

  private follow(name: string, kept: Kept, before: ReaderEntry | undefined, after: ReaderEntry | undefined): void {
    const changed = (after ?? before)!;
    // Later readers are added as they are then.
    if (!kept.isReady && (kept.upTo === undefined || byId(changed, kept.upTo) > 0)) return;
    kept.unused += 1;
    // To derive it again costs no more than to follow on.
    if (!kept.derived.canFollow || kept.unused > this.readers.size) return this.drop(name, kept);
    if (before !== undefined) kept.derived.remove(before);
    if (after !== undefined) kept.derived.add(after);
  }

  private drop(name: string, kept: Kept): void {
    if (this.kept.get(name) === kept) this.kept.delete(name);
  }
}
