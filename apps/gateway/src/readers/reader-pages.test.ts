import type { ReaderEntry } from '@signalbox/contracts/streams';
import type { ShownListener } from '@signalbox/status-facts';
import { beforeEach, describe, expect, it } from 'vitest';
import { FilteredCounts } from './filtered-counts.js';
import { KeptReaders } from './kept-readers.js';
import { readerOrder } from './reader-order.rules.js';
import { ReaderPages } from './reader-pages.js';
import type { ReaderRecord } from './readers.view.js';

/** Readers that the test adds, changes and removes. */
class Shown {
  private readonly readers = new Map<string, ReaderRecord>();
  private listener: ShownListener = () => undefined;

  get size(): number {
    return this.readers.size;
  }

  all(): Iterable<ReaderRecord> {
    return this.readers.values();
  }

  of(readerId: string): ReaderRecord | undefined {
    return this.readers.get(readerId);
  }

  onReader(listener: ShownListener): () => void {
    this.listener = listener;
    return () => undefined;
  }

  put(readerId: string, since: number): void {
    const before = this.readers.get(readerId)?.entry;
    const after = { reader_id: readerId, since, consumer_groups: [] } as unknown as ReaderEntry;
    this.readers.set(readerId, { entry: after, receivedAt: since });
    this.listener(readerId, { before, after });
  }

  remove(readerId: string): void {
    const before = this.readers.get(readerId)!.entry;
    this.readers.delete(readerId);
    this.listener(readerId, { before, after: undefined });
  }
}

const idOf = (at: number): string => `r${String(at).padStart(4, '0')}`;

describe('a page of readers by the time of their states, while it is made in several turns', () => {
  const count = 400;
  let shown: Shown;
  let kept: KeptReaders;
  let pages: ReaderPages;

  beforeEach(() => {
    shown = new Shown();
    for (let at = 0; at < count; at += 1) shown.put(idOf(at), at);
    kept = new KeptReaders(shown);
    pages = new ReaderPages(shown, kept);
  });

  /** Ids of the page. Between two turns `change` is called. */
  async function found(sort: 'since' | '-since', change: (turn: number) => void): Promise<string[]> {
    let looked = 0;
    const find = (): ReturnType<ReaderPages['find']> =>
      pages.find({
        order: readerOrder(sort),
        after: undefined,
        most: 2 * count,
        isWanted: () => {
          looked += 1;
          // Longer than a slice, so that the next reader is looked at in another turn.
          if (looked % 50 === 0) for (const endsAt = performance.now() + 5; performance.now() < endsAt;);
          return true;
        },
      });
    await find();
    let page: Awaited<ReturnType<typeof find>> | undefined;
    const finding = find().then((made) => (page = made));
    for (let turn = 0; page === undefined; turn += 1) {
      await Promise.race([finding, new Promise(setImmediate)]);
      change(turn);
    }
    return page.map(({ record }) => record.entry.reader_id);
  }

  it('has no reader that is forgotten meanwhile, whatever else is kept then', async () => {
    const ids = await found('since', (turn) => {
      if (turn < 9) void kept.derive(`filters ${turn}`, () => new FilteredCounts(() => 'none'));
      const last = idOf(count - 1 - turn);
      if (turn < 100) shown.remove(last);
    });
    expect(ids.length).toBeGreaterThan(count / 2);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids).not.toContain(idOf(count - 1));
  });

  it.each(['since', '-since'] as const)('has a reader once whose state changes meanwhile: %s', async (sort) => {
    const ids = await found(sort, (turn) => {
      for (let at = turn % 10; at < count; at += 10) shown.put(idOf(at), sort === 'since' ? count + at : at - count);
    });
    expect(ids).toEqual([...new Set(ids)]);
  });
});
