import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { OneATurn } from './one-a-turn.js';

it('runs one piece of work in each turn of the event loop, in order, and the first at once', async () => {
  const turns = new OneATurn();
  const done: number[] = [];
  for (const piece of [1, 2, 3]) turns.run(() => done.push(piece));
  expect(done).toEqual([1]);
  await nextTurn();
  turns.run(() => done.push(4));
  expect(done).toEqual([1, 2]);
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  expect(done).toEqual([1, 2, 3, 4]);
  turns.run(() => done.push(5));
  expect(done).toEqual([1, 2, 3, 4, 5]);
});
