import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.rules.js';

const all = (): boolean => true;

describe('a fair queue', () => {
  it('lets callers take turns, whatever each has given', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add(item[0], item);
    const taken = Array.from({ length: 7 }, () => queue.take(all));
    expect(taken).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', undefined]);
    expect(queue.length).toBe(0);
  });

  it('passes over a caller that may have nothing now, and keeps its turn', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'b1', 'b2']) queue.add(item[0], item);
    expect(queue.take((caller) => caller !== 'a')).toBe('b1');
    expect(queue.take(all)).toBe('a1');
    expect(queue.take((caller) => caller !== 'b')).toBeUndefined();
    expect(queue.lengthOf('b')).toBe(1);
  });

  it('forgets what is removed, once', () => {
    const queue = new FairQueue<string>();
    queue.add('a', 'a1');
    expect([queue.remove('a', 'a1'), queue.remove('a', 'a1'), queue.length]).toEqual([true, false, 0]);
    expect(queue.take(all)).toBeUndefined();
  });

  it('gives up the newest of the caller with the most for one with less', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'b1', 'b2', 'b3']) queue.add(item[0], item);
    expect(queue.takeFromLongest('b')).toBeUndefined();
    expect(queue.takeFromLongest('a')).toBe('b3');
    expect(queue.takeFromLongest('a')).toBeUndefined();
    expect(queue.takeFromLongest('c')).toBe('b2');
    expect(queue.takeFromLongest('c')).toBeUndefined();
    expect(queue.length).toBe(2);
  });
});
