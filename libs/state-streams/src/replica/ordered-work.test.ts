import { beforeEach, describe, expect, it } from 'vitest';
import { OrderedWork } from './ordered-work.js';

describe('OrderedWork', () => {
  let done: string[];
  /** Begins the next slice, which is one step. */
  let nextSlice: () => Promise<void>;
  let work: OrderedWork;
  beforeEach(() => {
    done = [];
    let begin = (): void => undefined;
    const slices = {
      isOver: true,
      next: async () => {
        await new Promise<void>((resolve) => (begin = resolve));
      },
    };
    nextSlice = async () => {
      begin();
      await new Promise(setImmediate);
    };
    work = new OrderedWork({ slices: () => slices as never }, () => done.push('.'));
  });
  const short = (name: string) => () => void done.push(name);
  const long = (name: string, steps: number) =>
    function* () {
      for (let step = 0; step < steps; step += 1) {
        done.push(name);
        yield;
      }
    };

  it('runs at once what is short, and so many steps of what is long', () => {
    work.run(short('a'));
    work.run(long('b', 3));
    work.run(short('c'));
    expect(done.join('')).toBe('abbbc');
    expect(work.isUnderWay).toBe(false);
    work.run(long('d', 1_000_000));
    expect(done.length).toBeLessThan(2_000);
    expect(work.isUnderWay).toBe(true);
  });

  it('does one slice in a turn of what is left, and then what came meanwhile, in order', async () => {
    work.run(long('a', 1_003));
    const ofFirstTurn = done.length;
    work.run(short('b'));
    work.run(long('c', 2));
    work.run(short('d'));
    expect(done).toHaveLength(ofFirstTurn);
    await nextSlice();
    expect(done).toHaveLength(ofFirstTurn + 1);
    for (let slice = 0; slice < 20; slice += 1) await nextSlice();
    expect(done.slice(1_000).join('')).toBe('aaabccd.');
    expect(work.isUnderWay).toBe(false);
    work.run(short('e'));
    expect(done.at(-1)).toBe('e');
  });

  it('ends where it is when it is closed, and runs nothing more', async () => {
    work.run(long('a', 2_000));
    work.run(short('b'));
    const { length } = done;
    work.close();
    work.run(short('c'));
    for (let slice = 0; slice < 5; slice += 1) await nextSlice();
    expect(done).toHaveLength(length);
    expect(work.isUnderWay).toBe(false);
  });
});
