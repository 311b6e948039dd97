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

  publish(_routingKey: string, body: Buffer): Promise<void> {
    this.sent.push(JSON.parse(body.toString()) as Heartbeat);
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
    beater = new Beater({ publisher, bootId: 'boot-1', identity, onConfirmed: (beat) => confirmed.push(beat) });
  });

  afterEach(() => {
    beater.stop();
    vi.useRealTimers();
  });

  it('publishes numbered heartbeats every interval, first as loading', async () => {
    beater.beat();
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
    beater.beat();
    await publisher.confirm();
    await vi.advanceTimersByTimeAsync(1_500);
    beater.update('ready', identity);
    await publisher.confirm();
    await vi.advanceTimersByTimeAsync(1_999);
    expect(publisher.sent.map(({ state }) => state)).toEqual(['loading', 'ready']);
    await vi.advanceTimersByTimeAsync(1);
    expect(publisher.sent).toHaveLength(3);
  });

  it('has one unconfirmed heartbeat at most, then publishes only the latest change', async () => {
    beater.beat();
    beater.update('ready', identity);
    beater.update('loading', identity);
    beater.update('ready', { ...identity, pids: [7] });
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
    beater.beat();
    await publisher.fail();
    await vi.advanceTimersByTimeAsync(60_000);
    beater.update('ready', identity);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(publisher.sent).toHaveLength(1);
    publisher.isUp = true;
    beater.beat();
    await publisher.confirm();
    expect(publisher.sent.map(({ seq, state }) => [seq, state])).toEqual([
      [1, 'loading'],
      [2, 'ready'],
    ]);
    expect(publisher.sent[1]!.sent_at).toBe(Date.now());
    expect(confirmed.map(({ seq }) => seq)).toEqual([2]);
  });
});
