import { eventually } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { PacedWork } from './paced-work.js';

const WORK_MS = 20;

/** Keeps the event loop. */
function work(): void {
  const endsAt = performance.now() + WORK_MS;
  while (performance.now() < endsAt);
}

describe('PacedWork', () => {
  it('begins at once where nothing else is at work', () => {
    const begun: string[] = [];
    new PacedWork().run('a', () => begun.push('a'));
    expect(begun).toEqual(['a']);
  });

  it('leaves the event loop to others between two pieces for longer than a piece takes', async () => {
    const paced = new PacedWork();
    const order: string[] = [];
    for (let count = 0; count < 3; count += 1)
      paced.run('a', () => {
        work();
        order.push('piece');
        setTimeout(() => order.push('other'), WORK_MS);
      });
    await eventually(() => order.length === 6);
    expect(order).toEqual(['piece', 'other', 'piece', 'other', 'piece', 'other']);
  });

  it('lets callers take turns', async () => {
    const paced = new PacedWork();
    const order: string[] = [];
    for (const caller of ['a', 'a', 'a', 'b']) paced.run(caller, () => order.push(caller));
    await eventually(() => order.length === 4);
    expect(order).toEqual(['a', 'a', 'b', 'a']);
  });
});
