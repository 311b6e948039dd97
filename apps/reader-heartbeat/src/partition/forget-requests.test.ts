import { collectLogs, FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import type { Reader } from '../liveness/reader.js';
import type { Transition } from '../liveness/transition.js';
import { ForgetRequests } from './forget-requests.js';

/** Requests to an owner that has one dead reader, `r`. */
function requests() {
  let dead: Reader | undefined = { readerId: 'r', state: 'dead' } as Reader;
  const requests = new ForgetRequests({
    number: 0,
    epoch: 1,
    partition: { shown: () => dead, forgetting: () => ({}) as Transition, forget: () => ((dead = undefined), 7) },
    repository: { write: () => Promise.resolve() },
    clock: new FakeClock(),
    logger: collectLogs().logger,
  });
  return async (messageId: string): Promise<number | null> => (await requests.answer('r', messageId)).seq;
}

describe('a request to forget a reader', () => {
  it('that is repeated because its reply was lost gets the reply again, and another one that nothing was changed', async () => {
    const ask = requests();
    expect(await ask('first')).toBe(7);
    expect(await ask('first')).toBe(7);
    expect(await ask('second')).toBeNull();
  });
});
