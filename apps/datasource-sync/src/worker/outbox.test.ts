import { describe, expect, it } from 'vitest';
import type { OutgoingChange } from '../work/follower.js';
import { MAX_CHANGE_BYTES, PublishRefused } from '../work/publish-refused.js';
import { Outbox } from './outbox.js';
import { BATCH, WINDOW, type BatchMessage } from './protocol.js';

type Sent = Omit<BatchMessage, 'session'> & { readonly bytes: Buffer };

function testOutbox(): { readonly outbox: Outbox; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return { outbox: new Outbox((message, bytes) => sent.push({ ...message, bytes })), sent };
}

const change = (n: number, length = 10): OutgoingChange => ({
  id: `dse_a:${n}`,
  key: 'x.y.insert',
  body: String(n).padEnd(length, '.'),
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the outbox of a session', () => {
  it('splits what is published at once, and sends the position with the last part', async () => {
    const { outbox, sent } = testOutbox();
    const changes = Array.from({ length: 2_500 }, (_, n) => change(n));
    const published = outbox.publish({ changes, position: 'end' });
    expect(sent.flatMap(({ ids }) => ids)).toEqual(changes.map(({ id }) => id));
    expect(sent.map(({ position }) => position)).toEqual([undefined, undefined, 'end']);
    expect(Buffer.concat(sent.map(({ bytes }) => bytes)).toString()).toBe(changes.map(({ body }) => body).join(''));
    outbox.published(3);
    await published;
  });

  it('counts bytes, not characters', () => {
    const { outbox, sent } = testOutbox();
    void outbox.publish({ changes: [{ ...change(1), body: 'ä€' }, change(2)] });
    expect(sent[0]!.lengths).toEqual([5, 10]);
    expect(sent[0]!.bytes.length).toBe(15);
  });

  it('sends a position without changes', () => {
    const { outbox, sent } = testOutbox();
    void outbox.publish({ changes: [], position: 'p' });
    expect(sent).toMatchObject([{ ids: [], position: 'p' }]);
  });

  it('keeps to the window, and sends the rest in order as it is published', () => {
    const { outbox, sent } = testOutbox();
    for (let n = 0; n < 40; n += 1) void outbox.publish({ changes: [change(n, BATCH.bytes / 2)] });
    const bytesOf = (): number => sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(bytesOf()).toBeLessThanOrEqual(WINDOW.bytes);
    for (let published = 0; published < 40; published += 1) {
      outbox.published(1);
      expect(sent.length - published - 1).toBeLessThanOrEqual(WINDOW.batches);
    }
    expect(sent.flatMap(({ ids }) => ids)).toEqual(Array.from({ length: 40 }, (_, n) => `dse_a:${n}`));
  });

  it('sends a change that is larger than the window alone, and none that no message can hold', async () => {
    const { outbox, sent } = testOutbox();
    void outbox.publish({ changes: [change(1), change(2, 2 * WINDOW.bytes), change(3)] });
    expect(sent).toHaveLength(1);
    outbox.published(1);
    expect(sent).toHaveLength(2);
    outbox.published(1);
    expect(sent.map(({ ids }) => ids)).toEqual([['dse_a:1'], ['dse_a:2'], ['dse_a:3']]);
    const tooLarge = outbox.publish({ changes: [change(4, MAX_CHANGE_BYTES + 1)] });
    await expect(tooLarge).rejects.toMatchObject({ code: 'too_large' });
  });

  it('refuses everything under way with a batch, and begins another run after that', async () => {
    const { outbox, sent } = testOutbox();
    const first = outbox.publish({ changes: [change(1)] });
    const second = outbox.publish({ changes: [change(2)] });
    outbox.refused(0, 'broker');
    await expect(first).rejects.toBeInstanceOf(PublishRefused);
    await expect(second).rejects.toMatchObject({ code: 'broker' });
    await turn();
    // Once more, for a batch that was under way.
    outbox.refused(0, 'broker');
    const again = outbox.publish({ changes: [change(1)] });
    expect(sent.at(-1)).toMatchObject({ run: 1, ids: ['dse_a:1'] });
    outbox.published(1);
    await again;
  });

  it('takes nothing after it is closed', async () => {
    const { outbox } = testOutbox();
    const first = outbox.publish({ changes: [change(1)] });
    outbox.close();
    await expect(first).rejects.toMatchObject({ code: 'not_held' });
    await turn();
    await expect(outbox.publish({ changes: [change(2)] })).rejects.toMatchObject({ code: 'not_held' });
  });
});
