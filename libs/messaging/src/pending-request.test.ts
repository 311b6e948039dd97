import { describe, expect, it } from 'vitest';

import type { RawDelivery } from './delivery.js';
import { RequestError } from './errors.js';
import { PendingRequest } from './pending-request.js';

const reply = { type: 'reply' } as RawDelivery;
const nothing = (): void => undefined;

describe('PendingRequest', () => {
  it('resolves the attempt that waits with the reply', async () => {
    const pending = new PendingRequest();
    const attempt = pending.attempt(60_000, nothing);
    pending.answer(reply);
    expect(await attempt).toBe(reply);
  });

  it('keeps a reply that comes between two attempts', async () => {
    const pending = new PendingRequest();
    expect(await pending.attempt(1, nothing)).toBeUndefined();
    pending.answer(reply);
    expect(await pending.replyWithin(60_000)).toBe(reply);
    expect(await pending.attempt(60_000, nothing)).toBe(reply);
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
