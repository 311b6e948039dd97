import type { SnapshotPage, SnapshotRequest } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { finished } from '../../test/core/finished.js';
import { SnapshotPages, type SnapshotPagesOptions, type SnapshotRefusal } from './snapshot-pages.js';
import { StreamOwner } from './stream-owner.js';

const STREAM = 'readers.0';

function serving(count: number, options: Omit<SnapshotPagesOptions, 'now'> = {}, value = 'v') {
  const entries = Array.from({ length: count }, (_, at) => [`k${at}`, value] as const);
  const owner = new StreamOwner<string>({ stream: STREAM, epoch: 5, seq: 1, entries });
  let time = 0;
  const pages = new SnapshotPages(owner, { now: () => time, ...options });
  const answer = (request: Omit<SnapshotRequest, 'stream'>, at: number) => {
    time = at;
    return finished(pages.answer({ stream: STREAM, ...request }, at));
  };
  return { owner, pages, answer };
}

function served(answer: SnapshotPage | SnapshotRefusal): SnapshotPage {
  if ('code' in answer) throw new Error(`refused: ${answer.code}`);
  return answer;
}

describe('snapshot pages', () => {
  it('are one page for an empty stream', () => {
    const { answer } = serving(0);
    expect(answer({ page: 0 }, 0)).toMatchObject({ stream: STREAM, epoch: 5, seq: 1, page: 0, pages: 1, entries: [] });
  });

  it('come from one copy, whatever changes between requests', () => {
    const { owner, answer } = serving(5, { maxEntries: 2 });
    const first = served(answer({ page: 0 }, 0));
    owner.commit([
      { key: 'k4', value: null },
      { key: 'k2', value: 'new' },
    ]);
    const rest = [1, 2].map((page) => served(answer({ snapshot_id: first.snapshot_id, page }, 1)));
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
    const { answer } = serving(400, { maxBytes: 16 * 1024 }, 'ä"\n'.repeat(50));
    const first = served(answer({ page: 0 }, 0));
    expect(first.pages).toBeGreaterThan(5);
    const sizes = Array.from({ length: first.pages }, (_, page) => {
      return Buffer.byteLength(JSON.stringify(served(answer({ snapshot_id: first.snapshot_id, page }, 0))));
    });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16 * 1024);
    // All but the last are as full as they can be.
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(14 * 1024);
  });

  it('have one page for an entry that is too large for any page', () => {
    const { owner, answer } = serving(2, { maxBytes: 2048 });
    owner.commit([{ key: 'k0', value: 'x'.repeat(5000) }]);
    const first = served(answer({ page: 0 }, 0));
    expect(first.entries).toHaveLength(1);
    expect(first.pages).toBe(2);
  });

  it('are refused for an unknown id, an unknown page, and a further page without an id', () => {
    const { answer } = serving(3, { maxEntries: 2 });
    const { snapshot_id } = served(answer({ page: 0 }, 0));
    const refusal = { code: 'snapshot_gone' };
    expect(answer({ snapshot_id: '5.0', page: 0 }, 0)).toEqual(refusal);
    expect(answer({ snapshot_id, page: 2 }, 0)).toEqual(refusal);
    expect(answer({ page: 1 }, 0)).toEqual(refusal);
  });

  it('are kept for their time after their last use, and then dropped', () => {
    const { answer } = serving(3, { maxEntries: 2, copyTtlMs: 100 });
    const { snapshot_id } = served(answer({ page: 0 }, 0));
    for (const at of [99, 198, 297]) served(answer({ snapshot_id, page: 1 }, at));
    expect(answer({ snapshot_id, page: 1 }, 397)).toEqual({ code: 'snapshot_gone' });
  });

  it('come from the copy of another replica that was made after the request arrived, or of the same seq', () => {
    const { owner, pages, answer } = serving(3, { maxEntries: 2 });
    const change = () => void owner.commit([{ key: 'k0', value: `${owner.seq}` }]);
    const first = served(answer({ page: 0 }, 10));
    expect(served(answer({ page: 0 }, 20)).snapshot_id).toBe(first.snapshot_id);
    change();
    // It waited while the first copy was made.
    const waited = pages.answer({ stream: STREAM, page: 0 }, 9);
    expect(served(finished(waited)).snapshot_id).toBe(first.snapshot_id);
    // This one may have missed the delta.
    expect(served(answer({ page: 0 }, 20)).seq).toBe(2);
  });

  it('are measured with a pause after each, and only once', () => {
    const { owner, pages } = serving(6, { maxEntries: 2 });
    const opening = pages.answer({ stream: STREAM, page: 0 }, 0);
    const steps = Array.from({ length: 3 }, () => opening.next());
    owner.commit([{ key: 'k5', value: 'new' }]);
    const { done, value } = opening.next();
    expect([...steps.map((step) => step.done), done]).toEqual([false, false, false, true]);
    expect(value).toMatchObject({ seq: 1, pages: 3 });
    expect(owner.snapshot().entries.map(({ bytes }) => bytes > 0)).toEqual(Array(6).fill(true));
  });

  it('make room by dropping the least recently used copy', () => {
    const { owner, answer } = serving(3, { maxEntries: 2, maxCopies: 2 });
    const open = () => {
      owner.commit([{ key: 'k0', value: `${owner.seq}` }]);
      return served(answer({ page: 0 }, 0)).snapshot_id;
    };
    const [first, second] = [open(), open()];
    served(answer({ snapshot_id: first, page: 1 }, 0));
    const third = open();
    expect(answer({ snapshot_id: second, page: 1 }, 0)).toEqual({ code: 'snapshot_gone' });
    served(answer({ snapshot_id: first, page: 1 }, 0));
    served(answer({ snapshot_id: third, page: 1 }, 0));
  });
});
