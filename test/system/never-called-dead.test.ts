import { startReader, type Reader } from '@signalbox/reader-client';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { System } from '../support/system.js';

const IDS = ['steady-0', 'steady-1', 'steady-2'];
/** Readers that beat every second are dead after this long (s); what follows shows that they are not. */
const LEASE_S = 1.5;
const SHORT_LEASE = { SIGNALBOX_MISSED_BEATS: '1' };

/** Readers that continue to publish heartbeats stay live during every failure of Signalbox. */
describe('a live reader', () => {
  let system: System;
  let readers: Reader[] = [];

  beforeAll(async () => {
    system = await System.create();
    // The shortest lease: one missed heartbeat is enough, so that the smallest error of Signalbox is found.
    await system.startReaderHeartbeat(SHORT_LEASE);
    await system.startGateway();
    readers = IDS.map((id) =>
      startReader({
        url: system.broker.url,
        reader_id: id,
        consumer_groups: ['primary'],
        model_name: 'm',
        model_type: 'chat',
        device: 'cpu',
        heartbeat_wait_interval: 1,
      }),
    );
    for (const reader of readers) reader.ready();
    await eventually(async () => Object.keys((await system.status()).status?.live_readers ?? {}).length === IDS.length);
  });
  afterAll(async () => {
    await Promise.all(readers.map((reader) => reader.stop()));
    await system.close();
  });

  /** Waits until heartbeats of every reader were received for more than a lease after `from` (Unix s). Returns the readers that were ever declared dead. */
  const calledDead = async (from: number): Promise<string[]> => {
    await eventually(
      async () => {
        const { last_heartbeat: last } = (await system.status()).status!;
        return IDS.every((id) => (last[id]?.heartbeat_timestamp ?? 0) > from + LEASE_S + 2);
      },
      { timeoutMs: 60_000 },
    );
    return system
      .service('reader-heartbeat')
      .output.split('\n')
      .filter((line) => line.includes('declared dead'));
  };
  const seconds = () => Date.now() / 1_000;

  it.each([1, 1.5, 2, 2.5, 3, 7])('stays live while reader-heartbeat is paused for %d s', async (pause) => {
    system.service('reader-heartbeat').pause();
    const until = seconds() + pause;
    await eventually(() => seconds() > until);
    system.service('reader-heartbeat').continue();
    expect(await calledDead(seconds())).toEqual([]);
    expect((await system.get('/healthz', {})).status).toBe(200);
  });

  it('stays live while reader-heartbeat is killed and down for longer than its lease', async () => {
    await system.kill('reader-heartbeat');
    const until = seconds() + 3 * LEASE_S;
    await eventually(() => seconds() > until);
    await system.startReaderHeartbeat(SHORT_LEASE);
    expect(await calledDead(seconds())).toEqual([]);
    expect((await system.get('/healthz', {})).status).toBe(200);
  });

  it('stays live when the broker closes every connection', async () => {
    await system.broker.closeAllConnections();
    expect(await calledDead(seconds())).toEqual([]);
    expect((await system.get('/healthz', {})).status).toBe(200);
  });
});
