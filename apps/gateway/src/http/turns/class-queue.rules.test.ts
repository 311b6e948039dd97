import { describe, expect, it } from 'vitest';
import { ClassQueue, type Entrant } from './class-queue.rules.js';

const limits = { atOnce: { inAll: 3, perCaller: 2 }, waiting: { inAll: 4, perCaller: 3 } };

function setUp() {
  const queue = new ClassQueue(limits);
  const happened: string[] = [];
  const entrants = new Map<string, Entrant>();
  /** Its first letter is its caller. */
  const enter = (...names: string[]): void => {
    for (const name of names) {
      const entrant: Entrant = {
        caller: name.slice(0, 1),
        begin: () => happened.push(name),
        refuse: (full) => happened.push(`${name} refused: ${full}`),
      };
      entrants.set(name, entrant);
      queue.enter(entrant);
    }
  };
  const resume = (name: string): void => queue.resume(entrants.get(name)!, () => happened.push(`${name} again`));
  const end = (name: string): void => queue.end(entrants.get(name)!);
  const leave = (name: string): boolean => queue.leave(entrants.get(name)!);
  const rest = (name: string): void => queue.rest(entrants.get(name)!);
  return { queue, happened, enter, rest, resume, end, leave };
}

describe('requests of one class', () => {
  it('begin at once while there is a place, of which one caller cannot have all', () => {
    const { queue, happened, enter } = setUp();
    enter('a1', 'a2', 'a3', 'b1', 'b2');
    expect(happened).toEqual(['a1', 'a2', 'b1']);
    expect(queue.counts).toEqual({ atWork: 3, waiting: 2 });
  });

  it('begin by turns of their callers, however many each has', () => {
    const { happened, enter, end } = setUp();
    enter('a1', 'a2', 'b1', 'a3', 'a4', 'b2', 'c1');
    for (const name of ['a1', 'b1', 'a2', 'a3']) end(name);
    expect(happened).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'c1', 'a4']);
  });

  it('are refused at once where the caller has as many as may wait', () => {
    const { happened, enter } = setUp();
    enter('a1', 'a2', 'a3', 'a4', 'a5', 'a6');
    expect(happened).toEqual(['a1', 'a2', 'a6 refused: caller']);
  });

  it('find room in a full queue at the cost of the caller that has the most in it', () => {
    const { happened, enter, end } = setUp();
    enter('a1', 'a2', 'b1', 'a3', 'a4', 'a5', 'b2', 'c1');
    expect(happened).toEqual(['a1', 'a2', 'b1', 'a5 refused: caller']);
    enter('d1', 'e1');
    expect(happened.slice(4)).toEqual(['a4 refused: caller', 'e1 refused: all']);
    end('b1');
    expect(happened.at(-1)).toBe('b2');
  });

  it('give up their place in the queue when they leave', () => {
    const { queue, happened, enter, end, leave } = setUp();
    enter('a1', 'a2', 'a3', 'a4');
    expect([leave('a3'), leave('a3'), leave('a1')]).toEqual([true, false, false]);
    end('a1');
    expect(happened).toEqual(['a1', 'a2', 'a4']);
    end('a2');
    end('a4');
    expect(queue.counts).toEqual({ atWork: 0, waiting: 0 });
  });

  it('leave their place to other callers when they rest, and to their own when they end', () => {
    const { queue, happened, enter, rest, end } = setUp();
    enter('a1', 'a2', 'b1', 'a3', 'c1', 'c2');
    rest('a1');
    rest('a2');
    expect(happened).toEqual(['a1', 'a2', 'b1', 'c1', 'c2']);
    expect(queue.counts).toEqual({ atWork: 3, waiting: 1 });
    end('a1');
    expect(queue.counts).toEqual({ atWork: 3, waiting: 1 });
    end('b1');
    expect(happened.at(-1)).toBe('a3');
    for (const name of ['a2', 'a3', 'c1', 'c2']) end(name);
    expect(queue.counts).toEqual({ atWork: 0, waiting: 0 });
  });

  it('are at work again as soon as there is a place, before those that wait', () => {
    const { queue, happened, enter, rest, resume, end } = setUp();
    enter('a1', 'a2', 'b1', 'a3', 'c1', 'c2');
    rest('a1');
    rest('a2');
    resume('a1');
    resume('a2');
    end('a2');
    expect(happened).toEqual(['a1', 'a2', 'b1', 'c1', 'c2']);
    end('c1');
    end('b1');
    expect(happened.slice(5)).toEqual(['a1 again', 'a3']);
    expect(queue.counts).toEqual({ atWork: 3, waiting: 0 });
    for (const name of ['a1', 'a3', 'c2']) end(name);
    expect(queue.counts).toEqual({ atWork: 0, waiting: 0 });
  });
});
