import type { SnapshotPage } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { SnapshotPages, type SnapshotPagesOptions, type SnapshotRefusal } from './snapshot-pages.js';
import { StreamOwner } from './stream-owner.js';

const STREAM = 'readers.0';

function serving(count: number, options: SnapshotPagesOptions = {}, value = 'v') {
  const entries = Array.from({ length: count }, (_, at) => [`k${at}`, value] as const);
  const owner = new StreamOwner<string>({ stream: STREAM, epoch: 5, seq: 1, entries });
  return { owner, pages: new SnapshotPages(owner, options) };
}

function served(answer: SnapshotPage | SnapshotRefusal): SnapshotPage {
  if ('code' in answer) throw new Error(`refused: ${answer.code}`);
  return answer;
}

describe('snapshot pages', () => {
  it('are one page for an empty stream', () => {
    const { pages } = serving(0);
    const answer = pages.answer({ stream: STREAM, page: 0 }, 0);
    expect(answer).toMatchObject({ stream: STREAM, epoch: 5, seq: 1, page: 0, pages: 1, entries: [] });
  });

  it('come from one copy, whatever changes between requests', () => {
    const { owner, pages } = serving(5, { maxEntries: 2 });
    const first = served(pages.answer({ stream: STREAM, page: 0 }, 0));
    owner.commit([
      { key: 'k4', value: null },
      { key: 'k2', value: 'new' },
    ]);
    const rest = [1, 2].map((page) =>
      served(pages.answer({ stream: STREAM, snapshot_id: first.snapshot_id, page }, 1)),
    );
    expect([first, ...rest].map(({ seq, pages: all, page }) => ({ seq, all, page }))).toEqual([
      { seq: 1, all: 3, page: 0 },
      { seq: 1, all: 3, page: 1 },
      { seq: 1, all: 3, page: 2 },
    ]);
    expect([first, ...rest].flatMap(({ entries }) => entries)).toEqual(
      ['k0', 'k1', 'k2', 'k3', 'k4'].map((key) => ({ key, value: 'v', version: 1 })),
    );
  });

  it('hold at most their limit of bytes, counted in UTF-8, with the whole page around them', () => {
    const { pages } = serving(400, { maxBytes: 16 * 1024 }, 'ä"\n'.repeat(50));
    const first = served(pages.answer({ stream: STREAM, page: 0 }, 0));
    expect(first.pages).toBeGreaterThan(5);
    const sizes = Array.from({ length: first.pages }, (_, page) => {
      const answer = served(pages.answer({ stream: STREAM, snapshot_id: first.snapshot_id, page }, 0));
      return Buffer.byteLength(JSON.stringify(answer));
    });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16 * 1024);
    // All but the last are as full as they can be.
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(14 * 1024);
  });

  it('have one page for an entry that is too large for any page', () => {
    const { owner, pages } = serving(2, { maxBytes: 2048 });
    owner.commit([{ key: 'k0', value: 'x'.repeat(5000) }]);
    const first = served(pages.answer({ stream: STREAM, page: 0 }, 0));
    expect(first.entries).toHaveLength(1);
    expect(first.pages).toBe(2);
  });

  it('are refused for an unknown id, an unknown page, and a further page without an id', () => {
    const { pages } = serving(3, { maxEntries: 2 });
    const { snapshot_id } = served(pages.answer({ stream: STREAM, page: 0 }, 0));
    const refusal = { code: 'snapshot_gone' };
    expect(pages.answer({ stream: STREAM, snapshot_id: '5.0', page: 0 }, 0)).toEqual(refusal);
    expect(pages.answer({ stream: STREAM, snapshot_id, page: 2 }, 0)).toEqual(refusal);
    expect(pages.answer({ stream: STREAM, page: 1 }, 0)).toEqual(refusal);
  });

  it('are kept for their time after the last opening, and then dropped', () => {
    const { pages } = serving(3, { maxEntries: 2, copyTtlMs: 100 });
    const { snapshot_id } = served(pages.answer({ stream: STREAM, page: 0 }, 0));
    served(pages.answer({ stream: STREAM, page: 0 }, 60));
    served(pages.answer({ stream: STREAM, snapshot_id, page: 1 }, 159));
    expect(pages.answer({ stream: STREAM, snapshot_id, page: 1 }, 160)).toEqual({ code: 'snapshot_gone' });
  });

  it('make room by dropping the least recently used copy', () => {
    const { owner, pages } = serving(3, { maxEntries: 2, maxCopies: 2 });
    const open = () => {
      owner.commit([{ key: 'k0', value: `${owner.seq}` }]);
      return served(pages.answer({ stream: STREAM, page: 0 }, 0)).snapshot_id;
    };
    const [first, second] = [open(), open()];
    served(pages.answer({ stream: STREAM, snapshot_id: first, page: 1 }, 0));
    const third = open();
    expect(pages.answer({ stream: STREAM, snapshot_id: second, page: 1 }, 0)).toEqual({ code: 'snapshot_gone' });
    served(pages.answer({ stream: STREAM, snapshot_id: first, page: 1 }, 0));
    served(pages.answer({ stream: STREAM, snapshot_id: third, page: 1 }, 0));
  });
});
