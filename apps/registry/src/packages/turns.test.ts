import { expect, it } from 'vitest';
import { Turns } from './turns.js';

it('runs at most the given number at once, in order, and continues after a failure', async () => {
  const turns = new Turns(3);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      turns.take(async () => {
        begun.push(index);
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (index % 4 === 0) throw new Error('no');
        return index;
      }),
    ),
  );
  expect([most, running]).toEqual([3, 0]);
  expect(begun).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(5);
  expect(await turns.take(async () => 'on')).toBe('on');
});
