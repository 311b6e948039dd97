import { createLogger } from '@signalbox/platform';
import { eventually, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { LateBinding } from './late-binding.js';

const binding = { exchange: 'state', queue: 'q', key: 'late' };

describe('LateBinding', () => {
  let clock: FakeClock;
  let late: LateBinding;
  let calls: string[];
  /** How the broker answers the next requests to bind; accepted where there is none. */
  let answers: Promise<void>[];

  beforeEach(() => {
    clock = new FakeClock();
    calls = [];
    answers = [];
    const note = (what: string) => () => void calls.push(what);
    const amqp = {
      bind: async () => {
        calls.push('bind');
        await answers.shift();
      },
      unbind: async () => note('unbind')(),
    };
    const logger = createLogger({ name: 'test', level: 'silent' });
    late = new LateBinding({
      amqp,
      clock,
      logger,
      binding,
      replica: { bound: note('bound'), unbound: note('unbound') },
      after: undefined,
    });
  });
  const until = (expected: string[]): Promise<true> =>
    eventually(() => JSON.stringify(calls) === JSON.stringify(expected));

  it('binds the queue each time it is there', async () => {
    late.queueDeclared();
    await until(['bind', 'bound']);
    late.queueLost();
    late.queueDeclared();
    await until(['bind', 'bound', 'unbound', 'bind', 'bound']);
    expect(calls).toHaveLength(5);
  });

  it('tries again where the broker refuses, and not after the queue was lost', async () => {
    answers = [Promise.reject(new Error('refused')), Promise.reject(new Error('refused'))];
    late.queueDeclared();
    await until(['bind']);
    await eventually(() => {
      clock.advance(5_000);
      return calls.includes('bound');
    });
    expect(calls).toEqual(['bind', 'bind', 'bind', 'bound']);

    answers = [Promise.reject(new Error('refused'))];
    late.queueLost();
    late.queueDeclared();
    await until(['bind', 'bind', 'bind', 'bound', 'unbound', 'bind']);
    late.queueLost();
    clock.advance(60_000);
    expect(calls.at(-1)).toBe('unbound');
  });

  it('does not take a queue as bound that was lost meanwhile', async () => {
    let answer = (): void => undefined;
    answers = [new Promise((resolve) => (answer = resolve))];
    late.queueDeclared();
    late.queueLost();
    late.queueDeclared();
    await until(['bind', 'unbound', 'bind', 'bound']);
    answer();
    await late.close();
    expect(calls).toEqual(['bind', 'unbound', 'bind', 'bound', 'unbound', 'unbind']);
  });

  it('unbinds when it is closed: after a binding that is under way', async () => {
    let answer = (): void => undefined;
    answers = [new Promise((resolve) => (answer = resolve))];
    late.queueDeclared();
    const closed = late.close();
    expect(calls).toEqual(['bind', 'unbound']);
    answer();
    await closed;
    expect(calls).toEqual(['bind', 'unbound', 'unbind']);
  });
});
