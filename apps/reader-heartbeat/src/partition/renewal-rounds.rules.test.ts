import { describe, expect, it } from 'vitest';
import type { Reader } from '../liveness/reader.js';
import { RenewalRounds, ROUND_MS } from './renewal-rounds.rules.js';

/** Readers whose heartbeats are received when a test says so. */
class Readers {
  private readonly readers = new Map<string, Reader>();

  get size(): number {
    return this.readers.size;
  }

  all(): Iterable<Reader> {
    return this.readers.values();
  }

  beat(readerId: string, monotonic: number): void {
    this.readers.set(readerId, { readerId, receivedAt: { unix: 0, monotonic } } as Reader);
  }

  forget(readerId: string): void {
    this.readers.delete(readerId);
  }
}

const names = (count: number) => Array.from({ length: count }, (_, at) => `r${at}`);
const ids = (readers: Iterable<Reader>) => [...readers].map(({ readerId }) => readerId);

describe('RenewalRounds', () => {
  it.each([1, 7, 60, 90, 1_000])('gives each of %i readers one turn in a minute, as evenly as it can', (count) => {
    const readers = new Readers();
    for (const id of names(count)) readers.beat(id, 1);
    const rounds = new RenewalRounds(readers, 0);
    const turns: string[][] = [];
    for (let now = 1_000; now <= 3 * ROUND_MS; now += 1_000) {
      for (const id of names(count)) readers.beat(id, now);
      turns.push(ids(rounds.next(1_000, now)));
    }
    for (const id of names(count)) expect(turns.flat().filter((each) => each === id).length).toBeGreaterThanOrEqual(2);
    expect(turns.flat().length).toBeLessThanOrEqual(3 * count);
    expect(Math.max(...turns.map(({ length }) => length))).toBeLessThanOrEqual(Math.ceil(count / 60));
  });

  it('leaves out readers without a heartbeat since their last turn', () => {
    const readers = new Readers();
    readers.beat('silent', 1);
    readers.beat('beating', 1);
    const rounds = new RenewalRounds(readers, 0);
    const round = (now: number) => ids(rounds.next(ROUND_MS, now)).concat(ids(rounds.next(ROUND_MS / 2, now)));
    expect(round(10)).toEqual(['silent', 'beating']);
    const later: string[] = [];
    for (const now of [1_000, 2_000, 3_000, 4_000]) {
      readers.beat('beating', now);
      later.push(...round(now));
    }
    expect(later.filter((id) => id === 'silent').length).toBeLessThanOrEqual(1);
    expect(later.filter((id) => id === 'beating').length).toBeGreaterThanOrEqual(3);
  });

  it('gives readers their turn that are added during a round, and none to those that are forgotten', () => {
    const readers = new Readers();
    for (const id of ['a', 'b', 'c', 'd']) readers.beat(id, 1);
    const rounds = new RenewalRounds(readers, 0);
    expect(ids(rounds.next(ROUND_MS / 4, 1))).toEqual(['a']);
    readers.forget('b');
    readers.beat('e', 2);
    expect(ids(rounds.next(ROUND_MS, 3))).toEqual(['c', 'd', 'e']);
  });

  it('makes up for at most one round', () => {
    const readers = new Readers();
    for (const id of ['a', 'b']) readers.beat(id, 1);
    expect(ids(new RenewalRounds(readers, 0).next(100 * ROUND_MS, 1))).toEqual(['a', 'b']);
  });

  it('names at the end, some at a time, all with a heartbeat since their last turn', () => {
    const readers = new Readers();
    readers.beat('restored', -5_000);
    const rounds = new RenewalRounds(readers, 0);
    for (const id of ['a', 'b', 'c']) readers.beat(id, 1);
    expect([...rounds.rest(2)].map(ids)).toEqual([['a', 'b'], ['c']]);
  });
});
