import { setImmediate } from 'node:timers';
import { expect, it, vi } from 'vitest';
import { LoopTurns } from './loop-turns.js';

it('lets one piece begin in an iteration of the event loop, in the order of their calls', async () => {
  let iteration = 0;
  const count = () => {
    iteration += 1;
    setImmediate(count);
  };
  setImmediate(count);
  const turns = new LoopTurns();
  const begun: { piece: string; iteration: number }[] = [];
  const work = async (piece: string) => {
    for (let step = 0; step < 3; step += 1) {
      await turns.next();
      begun.push({ piece, iteration });
    }
  };
  await Promise.all(['a', 'b', 'c'].map(work));
  expect(begun.map(({ piece }) => piece).join('')).toBe('abcabcabc');
  expect(new Set(begun.map((each) => each.iteration)).size).toBe(9);
});

it('says when a slice of a longer piece should end', async () => {
  const time = vi.spyOn(performance, 'now').mockReturnValue(1_000);
  const slices = new LoopTurns().slices(3);
  expect(slices.isOver).toBe(true);
  await slices.next();
  time.mockReturnValue(1_002.9);
  expect(slices.isOver).toBe(false);
  time.mockReturnValue(1_003);
  expect(slices.isOver).toBe(true);
  await slices.next();
  expect(slices.isOver).toBe(false);
  time.mockRestore();
});
