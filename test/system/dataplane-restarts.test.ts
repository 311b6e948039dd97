import { eventually, FaultyBroker, TcpProxy } from '@signalbox/testing';
import type { RestartEntry } from '@signalbox/contracts/streams';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataplane } from '../support/dataplane.js';
import { System } from '../support/system.js';

/** `ROUNDS=20 CALLS=1000 npx vitest run --project system dataplane-restarts` is the long one. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 2);
const CALLS = Number(process.env['CALLS'] ?? 300);

interface AuditRow {
  request_id: string;
  result: string;
}

/** Many restarts at once, with a broker that restarts in the middle, and a dataplane-control that dies at every step. */
describe('restarting a dataplane', () => {
  let system: System;
  let broker: FaultyBroker;
  let line: TcpProxy;
  let dataplane: Dataplane;
  let database: pg.Client;
  const tally: Record<string, number> = {};
  const count = (what: string, more = 1): void => void (tally[what] = (tally[what] ?? 0) + more);

  beforeAll(async () => {
    [system, broker] = await Promise.all([System.create(), FaultyBroker.start()]);
    await system.startGateway({
      RABBITMQ_URL: broker.url,
      SIGNALBOX_DRAIN_MS: '0',
      // Draining ends with the operations: see `startOperations`.
      SIGNALBOX_RESTART_DRAIN_SECONDS: '60',
    });
    await Promise.all([startControl(), system.start('journal', { RABBITMQ_URL: broker.url }).ready]);
    const url = new URL(broker.url);
    line = await TcpProxy.start({ port: Number(url.port) });
    url.port = String(line.port);
    dataplane = new Dataplane(system, { RABBITMQ_URL: url.href, SIGNALBOX_THREADS: '2' });
    database = await connected();
    await rows('CREATE TABLE public.locked (id integer)');
    await eventually(isSettled, { timeoutMs: 60_000 });
  }, 180_000);
  afterAll(async () => {
    if (process.env['ROUNDS'] !== undefined) console.info(tally);
    await database?.end();
    await dataplane?.stop();
    await line?.close();
    await system.close();
    await broker.close();
  });

  const connected = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: system.database.url });
    await client.connect();
    return client;
  };
  /** Operations that run until the returned function is called, and draining with them. */
  const startOperations = async (): Promise<() => Promise<void>> => {
    const lock = await connected();
    await lock.query('BEGIN');
    await lock.query('LOCK TABLE public.locked');
    const operation = { kind: 'profile-table', schema: 'public', table: 'locked' };
    for (let index = 0; index < 4; index += 1)
      expect((await system.send('POST', '/v1/dataplanes/main/operations', operation)).status).toBe(202);
    return () => lock.end();
  };
  const startControl = async (): Promise<void> =>
    void (await system.start('dataplane-control', { RABBITMQ_URL: broker.url }).ready);
  const status = async () =>
    (await (await system.get('/api/status')).json()) as { dataplane_healthcheck: unknown; rabbitmq_connection: string };
  const isHealthy = async (): Promise<boolean> => typeof (await status()).dataplane_healthcheck === 'object';
  /** Healthy, and stored with the incarnation that the gateway shows: after a broker's restart that may for some seconds be the one before. */
  const isSettled = async (): Promise<boolean> => {
    const [known] = await rows<{ boot_id: string }>(
      "SELECT entry->>'boot_id' AS boot_id FROM dataplane_control.dataplane WHERE name = 'main'",
    );
    const shown = (await (await system.get('/v1/dataplanes/main')).json()) as {
      boot_id: string;
      first_seen_at: number | null;
    };
    return (
      shown.boot_id === known?.boot_id &&
      shown.first_seen_at !== null &&
      (await status()).rabbitmq_connection === 'OK' &&
      (await isHealthy())
    );
  };
  const put = async (): Promise<{ status: number; requestId: string; id: string | undefined; body: string }> => {
    const response = await fetch(`${system.baseUrl}/api/admin/restart`, {
      method: 'PUT',
      headers: { 'x-api-key': system.adminKey },
    });
    return {
      status: response.status,
      body: await response.text(),
      requestId: response.headers.get('x-request-id') ?? '',
      id: response.headers.get('location')?.split('/').at(-1),
    };
  };
  const rows = async <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
    (await database.query(text, values)).rows as Row[];
  const restartsOf = async (ids: readonly string[]): Promise<RestartEntry[]> =>
    (await rows<{ entry: RestartEntry }>('SELECT entry FROM dataplane_control.restart WHERE id = ANY($1)', [ids])).map(
      ({ entry }) => entry,
    );

  /** The steps of a restart when it is over: the event of a step may arrive after the next one. */
  const endOf = async (id: string): Promise<string[]> => {
    let steps: string[] = [];
    await eventually(
      async () => {
        const [restart] = await restartsOf([id]);
        steps = restart?.timeline.map(({ state }) => state) ?? [];
        return (
          restart?.state === 'expired' ||
          (restart?.state === 'healthy' &&
            steps.includes('acknowledged') &&
            steps.includes('draining') &&
            steps.includes('down'))
        );
      },
      { timeoutMs: 100_000 },
    ).catch(() => steps.push(`and not over; the log of the dataplane: ${dataplane.output.slice(-1_500)}`));
    return steps;
  };

  it.each(Array.from({ length: ROUNDS }, (_, round) => ({ round, isCut: round % 3 === 1 })))(
    'of many at once executes one, and records every one that was answered with 200 ($round, the broker restarts: $isCut)',
    async ({ isCut }) => {
      await eventually(isSettled, { timeoutMs: 60_000 });
      const exitsBefore = dataplane.exits.length;
      // All calls name the incarnation that drains meanwhile.
      const finishOperations = await startOperations();
      let answered = 0;
      const asking = Promise.all(Array.from({ length: CALLS }, () => put().finally(() => (answered += 1))));
      if (isCut) {
        await eventually(() => answered >= CALLS / 3, { everyMs: 1 });
        await broker.restart();
      }
      const calls = await asking;
      await finishOperations();
      const sent = calls.flatMap(({ status, id }) => (status === 200 && id !== undefined ? [id] : []));
      // 503 also where nothing is cut: on a busy machine the gateway's check of the broker may take too long, and it then sends nothing.
      const allowed = isCut ? [200, 503, 504] : [200, 503];
      expect(calls.filter(({ status }) => !allowed.includes(status))).toEqual([]);
      expect(
        calls.filter(({ status, body }) => status === 503 && !body.includes('Nothing was sent to the dataplane')),
      ).toEqual([]);

      const over = await eventually(
        async () => {
          const found = await restartsOf(sent);
          return found.length === sent.length && found.every(({ state }) => ['healthy', 'expired'].includes(state))
            ? found
            : undefined;
        },
        { timeoutMs: 240_000 },
      );
      for (const { status } of calls) count(`answered ${status}`);
      for (const { state } of over) count(state);
      count('incarnations ended', dataplane.exits.length - exitsBefore);
      const executed = over.filter(({ state }) => state === 'healthy');
      expect(new Set(executed.map(({ boot_id }) => boot_id)).size).toBe(executed.length);
      const ended = dataplane.exits.length - exitsBefore;
      // While the broker restarts, a call with unknown outcome (504) may have been the one, or none arrived.
      const isRight = isCut ? executed.length <= ended && ended <= 1 : executed.length === 1 && ended === 1;
      expect({ executed: executed.length, ended, isRight }).toMatchObject({ isRight: true });
      expect(dataplane.exits.slice(exitsBefore).every((code) => code === 0)).toBe(true);

      const audited = await eventually(
        async () => {
          const found = await rows<AuditRow>(
            'SELECT request_id, result FROM journal.audit WHERE request_id = ANY($1)',
            [calls.map(({ requestId }) => requestId)],
          );
          return found.length === CALLS ? found : undefined;
        },
        { timeoutMs: 60_000 },
      );
      const results = new Map(audited.map(({ request_id, result }) => [request_id, result]));
      const expected: Record<number, string[]> = { 200: ['sent'], 503: ['not_sent'], 504: ['unknown', 'sent'] };
      expect(
        calls.filter(({ status, requestId }) => !expected[status]?.includes(results.get(requestId) ?? '')),
      ).toEqual([]);
      await eventually(async () => (await broker.messageCount('dataplane.main.control')) === 0, { timeoutMs: 60_000 });
      const notSent = calls.flatMap(({ status, requestId }) => (status === 503 ? [requestId] : []));
      expect(
        await rows("SELECT id FROM dataplane_control.restart WHERE entry->'requested_by'->>'request_id' = ANY($1)", [
          notSent,
        ]),
      ).toEqual([]);
    },
    400_000,
  );

  it.each(['sent', 'acknowledged', 'draining', 'down', 'up', 'healthy'] as const)(
    'is followed to its end when dataplane-control dies as it is %s',
    async (state) => {
      await eventually(isSettled, { timeoutMs: 60_000 });
      const finishOperations = await startOperations();
      const { id = '' } = await put();
      const isDraining = ['sent', 'acknowledged', 'draining'].includes(state);
      if (!isDraining) await finishOperations();
      await eventually(async () => (await restartsOf([id]))[0]?.timeline.some((step) => step.state === state), {
        everyMs: 1,
        timeoutMs: 60_000,
      });
      await system.kill('dataplane-control');
      await startControl();
      if (isDraining) await finishOperations();
      expect(await endOf(id)).toEqual(['sent', 'acknowledged', 'draining', 'down', 'up', 'healthy']);
    },
    240_000,
  );

  it('is sent by the next dataplane-control where the one that accepted it died before', async () => {
    await eventually(isSettled, { timeoutMs: 60_000 });
    const { id = '' } = await put();
    const [ended] = await eventually(
      async () => {
        const found = await restartsOf([id]);
        return found[0]?.state === 'healthy' ? found : undefined;
      },
      { timeoutMs: 60_000 },
    );
    await system.kill('dataplane-control');
    // As the one that died would have left it: accepted, and not sent.
    const at = Date.now();
    const entry = {
      ...ended,
      id: 'restart-aaaaaaaaaaaaaaaaaaaaaaaa',
      boot_id: ended?.new_boot_id,
      new_boot_id: null,
      state: 'requested',
      deadline: at + 120_000,
      timeline: [{ state: 'requested', at }],
    };
    await rows('INSERT INTO dataplane_control.restart (id, dataplane, state, entry) VALUES ($1, $2, $3, $4)', [
      entry.id,
      'main',
      'requested',
      entry,
    ]);
    await startControl();
    expect(await endOf(entry.id)).toEqual(['requested', 'sent', 'acknowledged', 'draining', 'down', 'up', 'healthy']);
  }, 240_000);

  it('executes while dataplane-control is down, and is recorded once that is back', async () => {
    await eventually(isSettled, { timeoutMs: 60_000 });
    const exits = dataplane.exits.length;
    await system.kill('dataplane-control');
    const { status: answered, id = '' } = await put();
    expect(answered).toBe(200);
    await eventually(() => dataplane.exits.length === exits + 1, { timeoutMs: 60_000 });
    await startControl();
    expect(await endOf(id)).toEqual(['sent', 'acknowledged', 'draining', 'down', 'up', 'healthy']);
  }, 240_000);

  it('times out where no agent executes it', async () => {
    await eventually(isSettled, { timeoutMs: 60_000 });
    const at = Date.now();
    const [known] = await rows<{ entry: { boot_id: string } }>(
      "SELECT entry FROM dataplane_control.dataplane WHERE name = 'main'",
    );
    const by = { key_id: null, request_id: 'r', address: '127.0.0.1' };
    const entry = {
      id: 'restart-bbbbbbbbbbbbbbbbbbbbbbbb',
      dataplane: 'main',
      boot_id: known?.entry.boot_id,
      new_boot_id: null,
      state: 'sent',
      reason: null,
      drain_seconds: 0,
      requested_by: by,
      deadline: at - 1,
      timeline: [{ state: 'sent', at: at - 1_000 }],
    };
    await rows('INSERT INTO dataplane_control.restart (id, dataplane, state, entry) VALUES ($1, $2, $3, $4)', [
      entry.id,
      'main',
      'sent',
      entry,
    ]);
    const restart = await eventually(
      async () => (await restartsOf([entry.id])).find(({ state }) => state === 'timed_out'),
      { timeoutMs: 120_000 },
    );
    expect(restart.timeline.map((step) => step.state)).toEqual(['sent', 'timed_out']);
  }, 200_000);

  it('sends nothing while the broker is down, and nothing later', async () => {
    await eventually(isSettled, { timeoutMs: 60_000 });
    const exits = dataplane.exits.length;
    await broker.stop();
    await eventually(async () => (await status()).rabbitmq_connection === 'UNHEALTHY', { timeoutMs: 60_000 });
    const response = await fetch(`${system.baseUrl}/api/admin/restart`, {
      method: 'PUT',
      headers: { 'x-api-key': system.adminKey },
    });
    expect([response.status, await response.json()]).toEqual([
      503,
      { detail: expect.stringContaining('nothing will be sent later') as unknown },
    ]);
    const requestId = response.headers.get('x-request-id') ?? '';
    await broker.start();
    await eventually(isHealthy, { timeoutMs: 120_000 });
    const audited = await eventually(
      async () =>
        (await rows<AuditRow>('SELECT request_id, result FROM journal.audit WHERE request_id = $1', [requestId]))[0],
      { timeoutMs: 60_000 },
    );
    expect(audited.result).toBe('not_sent');
    expect(dataplane.exits.length).toBe(exits);
  }, 240_000);

  it('sends nothing to a broker that does not answer, and nothing later', async () => {
    await eventually(isSettled, { timeoutMs: 60_000 });
    const exits = dataplane.exits.length;
    await broker.pause();
    try {
      await eventually(async () => (await status()).rabbitmq_connection === 'UNHEALTHY', { timeoutMs: 60_000 });
      expect((await put()).status).toBe(503);
    } finally {
      broker.resume();
    }
    await eventually(isSettled, { timeoutMs: 120_000 });
    expect(dataplane.exits.length).toBe(exits);
  }, 240_000);

  it('shows a dataplane whose connection is cut as unhealthy within its bound, and as healthy when it is back', async () => {
    await eventually(isSettled, { timeoutMs: 60_000 });
    const { pid } = dataplane;
    // Packets are dropped; neither end sees the connection closed.
    line.cut();
    await eventually(async () => !(await isHealthy()), { timeoutMs: 60_000 });
    line.restore();
    await eventually(isHealthy, { timeoutMs: 60_000 });
    expect(dataplane.pid).toBe(pid);
  }, 180_000);
});
