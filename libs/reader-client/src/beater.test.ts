import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Heartbeat } from '@signalbox/contracts/messages';
import { Beater, type HeartbeatPublisher } from './beater.js';
import { checkedIdentity } from './checked-options.js';

const identity = checkedIdentity({
  reader_id: 'r-1',
  consumer_groups: [],
  model_name: 'm',
  model_type: 'chat',
  device: 'cpu',
  heartbeat_wait_interval: 2,
});

/** Confirms or fails a message when the test says so. */
class FakePublisher implements HeartbeatPublisher {
  isUp = true;
  readonly sent: Heartbeat[] = [];
  private settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  readonly messages: { routingKey: string; body: Heartbeat | Heartbeat[] }[] = [];

  publish(routingKey: string, text: Buffer): Promise<void> {
    const body = JSON.parse(text.toString()) as Heartbeat | Heartbeat[];
    this.messages.push({ routingKey, body });
    this.sent.push(...(Array.isArray(body) ? body : [body]));
    return new Promise((resolve, reject) => (this.settle = { resolve, reject }));
  }

  async confirm(): Promise<void> {
    this.settle?.resolve();
    await vi.advanceTimersByTimeAsync(0);
  }

  async fail(): Promise<void> {
    this.isUp = false;
    this.settle?.reject(new Error('lost'));
    await vi.advanceTimersByTimeAsync(0);
  }
}

describe('Beater', () => {
  let publisher: FakePublisher;
  let beater: Beater;
  const confirmed: Heartbeat[] = [];

  beforeEach(() => {
    vi.useFakeTimers();
    confirmed.length = 0;
    publisher = new FakePublisher();
    beater = new Beater({ publisher, routingKey: null, onConfirmed: (_bootId, beat) => confirmed.push(beat) });
  });

  afterEach(() => {
    beater.stop();
    vi.useRealTimers();
  });

  it('publishes numbered heartbeats every interval, first as loading', async () => {
    beater.add('boot-1', identity);
    await publisher.confirm();
    await vi.advanceTimersByTimeAsync(2_000);
    await publisher.confirm();
    expect(publisher.sent.map(({ seq, state, boot_id }) => [seq, state, boot_id])).toEqual([
      [1, 'loading', 'boot-1'],
      [2, 'loading', 'boot-1'],
    ]);
    expect(publisher.sent[1]!.sent_at! - publisher.sent[0]!.sent_at!).toBe(2_000);
  });

  it('publishes a change at once and restarts the interval', async () => {
    beater.add('boot-1', identity);
    await publisher.confirm();
    await vi.advanceTimersByTimeAsync(1_500);
    beater.update('boot-1', 'ready', identity);
    await publisher.confirm();
    await vi.advanceTimersByTimeAsync(1_999);
    expect(publisher.sent.map(({ state }) => state)).toEqual(['loading', 'ready']);
    await vi.advanceTimersByTimeAsync(1);
    expect(publisher.sent).toHaveLength(3);
  });

  it('has one unconfirmed heartbeat at most, then publishes only the latest change', async () => {
    beater.add('boot-1', identity);
    beater.update('boot-1', 'ready', identity);
    beater.update('boot-1', 'loading', identity);
    beater.update('boot-1', 'ready', { ...identity, pids: [7] });
    expect(publisher.sent).toHaveLength(1);
    await publisher.confirm();
    await publisher.confirm();
    expect(publisher.sent.map(({ seq, state, pids }) => [seq, state, pids])).toEqual([
      [1, 'loading', [process.pid]],
      [2, 'ready', [7]],
    ]);
    expect(confirmed.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('queues nothing while it is disconnected, and publishes one current heartbeat when it is connected again', async () => {
    beater.add('boot-1', identity);
    await publisher.fail();
    await vi.advanceTimersByTimeAsync(60_000);
    beater.update('boot-1', 'ready', identity);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(publisher.sent).toHaveLength(1);
    publisher.isUp = true;
    beater.beatAll();
    await publisher.confirm();
    expect(publisher.sent.map(({ seq, state }) => [seq, state])).toEqual([
      [1, 'loading'],
      [2, 'ready'],
    ]);
    expect(publisher.sent[1]!.sent_at).toBe(Date.now());
    expect(confirmed.map(({ seq }) => seq)).toEqual([2]);
  });

  it('shares messages among readers that are due at about the same time, each with its own interval', async () => {
    const named = (reader_id: string, heartbeat_wait_interval: number) => ({
      ...identity,
      reader_id,
      heartbeat_wait_interval,
    });
    beater.add('boot-a', named('a', 10));
    await publisher.confirm();
    await vi.advanceTimersByTimeAsync(900);
    beater.add('boot-b', named('b', 10));
    await publisher.confirm();
    beater.add('boot-c', named('c', 60));
    await publisher.confirm();
    await vi.advanceTimersByTimeAsync(9_100);
    await publisher.confirm();
    await vi.advanceTimersByTimeAsync(10_000);
    await publisher.confirm();
    const ids = publisher.messages.map(({ body }) =>
      Array.isArray(body) ? body.map((each) => each.reader_id) : body.reader_id,
    );
    // The second is early once, by less than a tenth of its interval.
    expect(ids).toEqual(['a', 'b', 'c', ['a', 'b'], ['a', 'b']]);
    expect(new Set(publisher.messages.map(({ routingKey }) => routingKey))).toEqual(new Set(['a']));
  });

  it('publishes no heartbeat of a reader that was removed', async () => {
    beater.add('boot-1', identity);
    await publisher.confirm();
    beater.remove('boot-1');
    beater.update('boot-1', 'ready', identity);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(publisher.sent).toHaveLength(1);
  });

  it('repeats the configuration once a minute, and in a heartbeat with a change', async () => {
    beater.add('boot-1', { ...identity, config: { a: 1 } });
    await publisher.confirm();
    for (let beat = 0; beat < 30; beat++) {
      await vi.advanceTimersByTimeAsync(2_000);
      await publisher.confirm();
    }
    beater.update('boot-1', 'ready', { ...identity, config: { a: 2 } });
    await publisher.confirm();
    const sent = publisher.sent
      .map(({ config }, index) => (config ? [index, config['a']] : []))
      .filter(({ length }) => length > 0);
    expect(sent).toEqual([
      [0, 1],
      [30, 1],
      [31, 2],
    ]);
  });
});
