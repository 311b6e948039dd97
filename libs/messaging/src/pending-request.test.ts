import { describe, expect, it } from 'vitest';

import type { RawDelivery } from './delivery.js';
import { RequestError } from './errors.js';
import { PendingRequest } from './pending-request.js';

const reply = { type: 'reply' } as RawDelivery;
const refusal = { type: 'error' } as RawDelivery;
const nothing = (): void => undefined;

describe('PendingRequest', () => {
  it('resolves the attempt that waits with the reply', async () => {
    const pending = new PendingRequest();
    const attempt = pending.attempt(60_000, nothing);
    pending.answer(reply, 1);
    expect(await attempt).toBe(reply);
  });

  it('keeps a reply that comes between two attempts', async () => {
    const pending = new PendingRequest();
    expect(await pending.attempt(1, nothing)).toBeUndefined();
    pending.answer(reply, 1);
    expect(await pending.replyWithin(60_000)).toBe(reply);
    expect(await pending.attempt(60_000, nothing)).toBe(reply);
  });

  it('takes a late reply to an earlier attempt, and no late error', async () => {
    const pending = new PendingRequest();
    const numbers: number[] = [];
    const send = (attempt: number): void => void numbers.push(attempt);
    expect(await pending.attempt(1, send)).toBeUndefined();
    const second = pending.attempt(60_000, send);
    pending.answer(refusal, 1);
    pending.answer(reply, 1);
    expect(await second).toBe(reply);
    expect(numbers).toEqual([1, 2]);
  });

  it('takes the error of the attempt that was sent last, also when a later one could not be sent', async () => {
    const pending = new PendingRequest();
    expect(await pending.attempt(1, nothing)).toBeUndefined();
    const unsent = (): never => {
      throw new RequestError('unsent', 'no connection');
    };
    await expect(pending.attempt(60_000, unsent)).rejects.toMatchObject({ code: 'unsent' });
    pending.answer(refusal, 1);
    expect(await pending.replyWithin(60_000)).toBe(refusal);
  });

  it('does not fail an attempt because an earlier one was returned', async () => {
    const pending = new PendingRequest();
    expect(await pending.attempt(1, nothing)).toBeUndefined();
    const second = pending.attempt(60_000, nothing);
    pending.fail(new RequestError('unroutable', 'returned'), 1);
    pending.answer(reply, 2);
    expect(await second).toBe(reply);
  });

  it('fails the attempt in progress and no later one', async () => {
    const pending = new PendingRequest();
    const attempt = pending.attempt(60_000, nothing);
    const lost = new RequestError('disconnected', 'lost');
    pending.fail(lost);
    await expect(attempt).rejects.toBe(lost);
    pending.fail(lost);
    expect(await pending.attempt(1, nothing)).toBeUndefined();
  });

  it('throws what sending throws', async () => {
    const unsent = new RequestError('unsent', 'no connection');
    const send = (): never => {
      throw unsent;
    };
    await expect(new PendingRequest().attempt(60_000, send)).rejects.toBe(unsent);
  });
});
