import { eventually } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import { System } from '../support/system.js';

/** A reader whose next heartbeat comes long after the test. */
const QUIET = beat('quiet', { heartbeat_wait_interval: 3_600, boot_id: 'boot' });
/** With a lease of half a second more than three intervals. */
const BRIEF = { heartbeat_wait_interval: 1 };

/** Receive times are stored once a minute. So the stored one of a reader is older than what was shown of it. */
describe('the receive times of heartbeats', () => {
  let system: System;
  let database: pg.Client;
  let readers: BeatPublisher;

  /** By the gateway, of what it has received of its own. */
  const shownAt = async (): Promise<number> => {
    const answer = await system.get('/v1/readers?search=quiet');
    const { data } = (await answer.json()) as { data: { last_heartbeat_at: number }[] };
    return data[0]?.last_heartbeat_at ?? NaN;
  };
  /** Of the row. */
  const storedAt = async (): Promise<number> => {
    const { rows } = await database.query<{ heard_at: Date }>(
      `SELECT heard_at FROM reader_heartbeat.reader WHERE reader_id = 'quiet'`,
    );
    return rows[0]?.heard_at.getTime() ?? NaN;
  };
  /** Sends heartbeats until the gateway shows a later time than the stored one. Returns what it shows. */
  const beatUntilNewer = async (): Promise<number> => {
    const stored = await storedAt();
    await eventually(async () => {
      await readers.send(QUIET);
      return (await shownAt()) > stored;
    });
    return shownAt();
  };

  beforeAll(async () => {
    system = await System.create();
    database = new pg.Client({ connectionString: system.database.url });
    await database.connect();
    await system.startReaderHeartbeat();
    await system.startGateway();
    readers = await BeatPublisher.open(system.broker.url);
    await readers.send(QUIET);
    await eventually(async () => (await system.mapOf('quiet')) === 'live');
    await eventually(async () => !Number.isNaN(await storedAt()));
  });
  afterAll(async () => {
    await readers.close();
    await database.end();
    await system.close();
  });

  it('do not go back at a gateway when reader-heartbeat is killed, and no lease ends early by it', async () => {
    for (const id of ['brief-0', 'brief-1']) await readers.send(beat(id, BRIEF));
    await eventually(async () => (await system.mapOf('brief-1')) === 'live');
    const shown = await beatUntilNewer();
    await system.kill('reader-heartbeat');
    const killedAt = Date.now();
    await system.startReaderHeartbeat();
    await eventually(async () => (await system.mapOf('brief-0')) === 'dead');
    const { since } = (await (await system.get('/v1/readers/brief-0')).json()) as { since: number };
    expect(since - killedAt).toBeGreaterThanOrEqual(3_500);
    expect(await shownAt()).toBeGreaterThanOrEqual(shown);
  });

  it('are stored when reader-heartbeat stops in order, so that a gateway that starts then shows them as they were', async () => {
    const shown = await beatUntilNewer();
    await system.service('reader-heartbeat').stop();
    expect(await storedAt()).toBeGreaterThanOrEqual(shown);
    await system.startReaderHeartbeat();
    await system.startGateway();
    await eventually(async () => (await system.mapOf('quiet')) === 'live');
    expect(await shownAt()).toBeGreaterThanOrEqual(shown);
  });
});
