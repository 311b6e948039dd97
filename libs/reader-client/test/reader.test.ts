import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startReader, type LogLine, type Reader, type ReaderOptions } from '@signalbox/reader-client';
import { eventually, testBroker, type TestBroker } from '@signalbox/testing';
import { receiveBeats, type ReceivedBeats } from './support/received-beats.js';

const options: Omit<ReaderOptions, 'url'> = {
  reader_id: 'r-1',
  consumer_groups: ['primary'],
  model_name: 'llama-3-70b',
  model_type: 'chat',
  device: 'cuda',
  heartbeat_wait_interval: 1,
};

describe('a reader', () => {
  let broker: TestBroker;
  let reader: Reader | undefined;
  let received: ReceivedBeats | undefined;
  let logged: LogLine[];

  beforeEach(async () => {
    broker = await testBroker();
    logged = [];
  });

  afterEach(async () => {
    await reader?.stop();
    await received?.close().catch(() => undefined);
    await broker.remove();
    reader = received = undefined;
  });

  const start = (more: Partial<ReaderOptions> = {}): Reader =>
    (reader = startReader({ url: broker.url, log: (logLine) => logged.push(logLine), ...options, ...more }));

  it('publishes heartbeats as loading, then ready, every interval, and deregisters', async () => {
    received = await receiveBeats(broker.url);
    start();
    await eventually(() => received!.beats().length >= 1);
    reader!.ready();
    await eventually(() => received!.beats().length >= 4);
    await reader!.stop();
    await eventually(() => received!.beats().at(-1)?.state === 'stopping');

    const beats = received.beats();
    expect(beats.map(({ seq }) => seq)).toEqual(beats.map((_, index) => index + 1));
    expect(beats[0]!.state).toBe('loading');
    expect(new Set(beats.slice(1, -1).map(({ state }) => state))).toEqual(new Set(['ready']));
    expect(new Set(beats.map(({ boot_id }) => boot_id))).toEqual(new Set([reader!.status().boot_id]));
    const [first] = received.received();
    expect(first).toMatchObject({
      routingKey: 'r-1',
      properties: {
        contentType: 'application/json',
        deliveryMode: 1,
        type: 'reader.heartbeat',
        userId: new URL(broker.url).username,
      },
      beat: { consumer_name: 'r-1', pids: [process.pid], heartbeat_wait_interval: 1 },
    });
    expect(reader!.status()).toMatchObject({ state: 'stopping', connected: false, seq: beats.length });
  });

  it('publishes an update at once, and refuses invalid members', async () => {
    received = await receiveBeats(broker.url);
    start({ heartbeat_wait_interval: 600 });
    reader!.update({ pids: [7, 8], consumer_groups: ['a', 'b'] });
    await eventually(() => received!.beats().at(-1)?.pids.length === 2);
    expect(received.beats().at(-1)).toMatchObject({ state: 'loading', pids: [7, 8], consumer_groups: ['a', 'b'] });
    expect(() => reader!.update({ device: '' })).toThrow(/device/);
    reader!.ready();
    await eventually(() => received!.beats().at(-1)?.state === 'ready');
    expect(received.beats().at(-1)!.device).toBe('cuda');
  });

  it('publishes heartbeats while its main thread is busy for three intervals', async () => {
    received = await receiveBeats(broker.url);
    start();
    reader!.ready();
    await eventually(() => received!.beats().at(-1)?.state === 'ready');
    const from = Date.now();
    while (Date.now() < from + 3_500);
    const to = Date.now();
    await eventually(() => received!.beats().some(({ sent_at }) => sent_at! > to));
    expect(received.beats().filter(({ sent_at }) => sent_at! > from && sent_at! <= to).length).toBeGreaterThanOrEqual(
      3,
    );
  });

  it('waits for an exchange that is declared later', async () => {
    start();
    await eventually(() => logged.some(({ text }) => text.includes('no exchange')));
    received = await receiveBeats(broker.url);
    await eventually(() => received!.beats().length > 0);
    await eventually(() => logged.at(-1)?.level === 'info');
    expect(received.beats()[0]!.boot_id).toBe(reader!.status().boot_id);
  });

  it('reconnects after its connection was closed, with a new heartbeat of the same incarnation', async () => {
    received = await receiveBeats(broker.url);
    start();
    await eventually(() => received!.beats().length >= 1);
    const lost = Date.now();
    // The broker lists a connection only some time after it was opened.
    await eventually(async () => {
      await broker.closeAllConnections();
      return logged.some(({ text }) => text.includes('do not reach'));
    });
    received = await receiveBeats(broker.url);
    await eventually(() => received!.beats().length >= 2);
    const beats = received.beats();
    expect(beats.every(({ sent_at, boot_id }) => sent_at! >= lost && boot_id === reader!.status().boot_id)).toBe(true);
    expect(beats[1]!.seq).toBe(beats[0]!.seq! + 1);
    expect(beats[0]!.seq).toBeGreaterThan(1);
  });

  it('stops in three seconds without a broker, and never logs the password', async () => {
    const port = new URL(broker.url).port;
    start({ url: `amqp://unknown-user:t0psecret@127.0.0.1:${port}/unknown-vhost` });
    await eventually(() => logged.length > 0);
    const from = Date.now();
    await reader!.stop();
    expect(Date.now() - from).toBeLessThan(4_000);
    expect(JSON.stringify(logged)).not.toContain('t0psecret');
  });
});
