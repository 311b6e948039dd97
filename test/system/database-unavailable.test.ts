import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type PostgresServer } from '@signalbox/local-infra';
import { eventually } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import { System } from '../support/system.js';

/** Postgres is stopped under running services and started again. */
describe('without the database', () => {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-database-down-'));
  let postgres: PostgresServer;
  let system: System;
  let readers: BeatPublisher;

  const startDatabase = (port?: number) =>
    startPostgres({
      home: join(home, 'postgres'),
      logFile: join(home, 'postgres.log'),
      superuserPassword: 'for-this-test',
      settings: { fsync: 'off' },
      ...(port !== undefined && { port }),
    });

  /** The readers in the database, each with its state. */
  const kept = async (): Promise<Map<string, string>> => {
    const client = new pg.Client({ connectionString: postgres.superuserUrl() });
    await client.connect();
    try {
      const { rows } = await client.query<{ reader_id: string; state: string }>(
        'SELECT reader_id, state FROM reader_heartbeat.reader',
      );
      return new Map(rows.map(({ reader_id: id, state }) => [id, state]));
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    postgres = await startDatabase();
    system = await System.create({ url: postgres.superuserUrl(), name: 'postgres', remove: async () => undefined });
    await system.startReaderHeartbeat();
    await system.startGateway();
    readers = await BeatPublisher.open(system.broker.url);
    await readers.send(beat('before', { heartbeat_wait_interval: 3_600 }));
    await eventually(async () => (await system.mapOf('before')) === 'live');
  });
  afterAll(async () => {
    await readers?.close();
    await system?.close();
    await postgres?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('answers from memory, follows the readers, and refuses to write with a clear error', async () => {
    await postgres.stop();
    const refused = await system.send('POST', '/v1/keys', { name: 'x' });
    expect([refused.status, await refused.json()]).toEqual([
      503,
      expect.objectContaining({ code: 'storage_unavailable' }),
    ]);
    await readers.send([
      beat('before', { state: 'loading', heartbeat_wait_interval: 3_600 }),
      beat('meanwhile', { heartbeat_wait_interval: 3_600 }),
    ]);
    await eventually(async () => (await system.mapOf('meanwhile')) === 'live');
    expect(await system.mapOf('before')).toBe('loading');
    expect((await system.get('/readyz', {})).status).toBe(200);
  });

  it('writes again when the database is up, and has lost no change that happened meanwhile', async () => {
    postgres = await startDatabase(postgres.port);
    const made = await eventually(async () => {
      const response = await system.send('POST', '/v1/keys', { name: 'after' });
      return response.status === 201 && ((await response.json()) as { key: string });
    });
    await eventually(async () => (await system.get('/status', { 'x-api-key': made.key })).status === 403);
    await eventually(async () => (await kept()).get('meanwhile') === 'live');
    expect((await kept()).get('before')).toBe('loading');
    // A service that is killed and started again therefore knows it.
    await system.kill('reader-heartbeat');
    await system.startReaderHeartbeat();
    await eventually(async () => (await system.mapOf('meanwhile')) === 'live');
    expect(await system.mapOf('before')).toBe('loading');
  });
});
