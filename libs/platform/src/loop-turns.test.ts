import { setImmediate } from 'node:timers';
import { expect, it } from 'vitest';
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
