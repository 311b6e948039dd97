import { createLogger } from '@signalbox/platform';
import { FakeClock } from '@signalbox/testing';
import { expect, it } from 'vitest';
import { MOST_NOTICES, type MoveNotice } from '../partition/persistence/move.repository.js';
import { ReaderMoves } from './reader-moves.js';

it('drops all readers that have moved at once, and deletes the notices the next time', async () => {
  const ids = Array.from({ length: 2 * MOST_NOTICES + 1 }, (_, each) => `reader-${each}`);
  const readers = new Set(ids);
  let notices: MoveNotice[] = ids.map((readerId, each) => ({ number: String(each), partition: 0, readerId }));
  const store = {
    notices: async (_: readonly number[], after?: MoveNotice) => {
      const from = after === undefined ? 0 : notices.indexOf(after) + 1;
      return notices.slice(from, from + MOST_NOTICES);
    },
    deleteNotices: async (settled: readonly MoveNotice[]) => {
      const done = new Set(settled);
      notices = notices.filter((notice) => !done.has(notice));
    },
  };
  const keeper = {
    number: 0,
    table: {},
    adoptions: 0,
    dropMoved: (some: readonly MoveNotice[]) => some.filter(({ readerId }) => !readers.delete(readerId)),
  };
  const logger = createLogger({ name: 'test', level: 'silent' });
  const moves = new ReaderMoves({ all: () => [keeper] } as never, store as never, new FakeClock(), logger);
  expect(await moves.applyNotices()).toEqual([keeper]);
  expect([readers.size, notices.length]).toEqual([0, ids.length]);
  await moves.applyNotices();
  expect(notices).toEqual([]);
});

it('informs no partition in which readers arrived while the notices were read', async () => {
  const keeper = { number: 0, table: {}, adoptions: 0, dropMoved: () => [] };
  const store = { notices: async () => ((keeper.adoptions += 1), []) };
  const logger = createLogger({ name: 'test', level: 'silent' });
  const moves = new ReaderMoves({ all: () => [keeper] } as never, store as never, new FakeClock(), logger);
  expect(await moves.applyNotices()).toEqual([]);
});
