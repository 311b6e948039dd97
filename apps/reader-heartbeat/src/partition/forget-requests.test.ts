import type { ForgetReaderReply, ForgetReaderRequest } from '@signalbox/contracts/messages';
import type { Delivery, Subscription } from '@signalbox/messaging';
import { collectLogs, FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import type { Reader } from '../liveness/reader.js';
import { ForgetRequests, type ForgetRequestsOptions } from './forget-requests.js';

/** Requests to an owner that has one dead reader, `r`. */
function requests() {
  let dead: Reader | undefined = { readerId: 'r', state: 'dead' } as Reader;
  let answer: ((delivery: Delivery<ForgetReaderRequest>) => Promise<ForgetReaderReply>) | undefined;
  new ForgetRequests({
    number: 0,
    epoch: 1,
    partition: { shown: () => dead, forget: () => ((dead = undefined), 7) },
    repository: { forget: () => Promise.resolve() },
    amqp: {
      respond: (options: { handler: typeof answer }) => {
        answer = options.handler;
        return { ready: Promise.resolve(), close: () => Promise.resolve() } as Subscription;
      },
    } as ForgetRequestsOptions['amqp'],
    clock: new FakeClock(),
    logger: collectLogs().logger,
  });
  return async (messageId: string): Promise<number | null> =>
    (await answer!({ body: { reader_id: 'r' }, messageId } as Delivery<ForgetReaderRequest>)).seq;
}

describe('a request to forget a reader', () => {
  it('that is repeated because its reply was lost gets the reply again, and another one that nothing was changed', async () => {
    const ask = requests();
    expect(await ask('first')).toBe(7);
    expect(await ask('first')).toBe(7);
    expect(await ask('second')).toBeNull();
  });
});
