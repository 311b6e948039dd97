import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Heartbeat } from '@signalbox/contracts/messages';
import { Beater, type Line } from './beater.js';
import { checkedIdentity } from './reader-options.js';

const identity = checkedIdentity({
  reader_id: 'r-1',
  consumer_groups: [],
  model_name: 'm',
  model_type: 'chat',
  device: 'cpu',
  heartbeat_wait_interval: 2,
});

/** A line that confirms when it is told to. */
class FakeLine implements Line {
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
  let line: FakeLine;
  let beater: Beater;
  const confirmed: Heartbeat[] = [];

  beforeEach(() => {
    vi.useFakeTimers();
    confirmed.length = 0;
    line = new FakeLine();
    beater = new Beater({ line, bootId: 'life', identity, onConfirmed: (beat) => confirmed.push(beat) });
  });

  afterEach(() => {
    beater.rest();
    vi.useRealTimers();
  });

  it('beats every interval, numbered, as loading first', async () => {
    beater.beat();
    await line.confirm();
    await vi.advanceTimersByTimeAsync(2_000);
    await line.confirm();
    expect(line.sent.map(({ seq, state, boot_id }) => [seq, state, boot_id])).toEqual([
      [1, 'loading', 'life'],
      [2, 'loading', 'life'],
    ]);
    expect(line.sent[1]!.sent_at! - line.sent[0]!.sent_at!).toBe(2_000);
  });

  it('says a change at once and counts the interval from there', async () => {
    beater.beat();
    await line.confirm();
    await vi.advanceTimersByTimeAsync(1_500);
    beater.say('ready', identity);
    await line.confirm();
    await vi.advanceTimersByTimeAsync(1_999);
    expect(line.sent.map(({ state }) => state)).toEqual(['loading', 'ready']);
    await vi.advanceTimersByTimeAsync(1);
    expect(line.sent).toHaveLength(3);
  });

  it('has one beat on its way and says only the last of what changed meanwhile', async () => {
    beater.beat();
    beater.say('ready', identity);
    beater.say('loading', identity);
    beater.say('ready', { ...identity, pids: [7] });
    expect(line.sent).toHaveLength(1);
    await line.confirm();
    await line.confirm();
    expect(line.sent.map(({ seq, state, pids }) => [seq, state, pids])).toEqual([
      [1, 'loading', [process.pid]],
      [2, 'ready', [7]],
    ]);
    expect(confirmed.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('piles nothing up while the line is down: one fresh beat when it is back', async () => {
    beater.beat();
    await line.fail();
    await vi.advanceTimersByTimeAsync(60_000);
    beater.say('ready', identity);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(line.sent).toHaveLength(1);
    line.isUp = true;
    beater.beat();
    await line.confirm();
    expect(line.sent.map(({ seq, state }) => [seq, state])).toEqual([
      [1, 'loading'],
      [2, 'ready'],
    ]);
    expect(line.sent[1]!.sent_at).toBe(Date.now());
    expect(confirmed.map(({ seq }) => seq)).toEqual([2]);
  });
});
