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

/** In the process of its user. test/system/reader-clients.test.ts has what it has in common with the client for Python. */
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

  it('waits for an exchange that is declared later', async () => {
    start();
    await eventually(() => logged.some(({ text }) => text.includes('no exchange')));
    received = await receiveBeats(broker.url);
    await eventually(() => received!.beats().length > 0);
    await eventually(() => logged.at(-1)?.level === 'info');
    expect(received.beats()[0]!.boot_id).toBe(reader!.status().boot_id);
  });
});
