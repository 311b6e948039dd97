import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, python, RouteEnds, SparkDriver, testPackages } from '@signalbox/testing';
import { connect } from 'amqplib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataplane, startingReport } from '../support/dataplane.js';
import { checkout } from '../support/script-run.js';
import { System } from '../support/system.js';

interface Restart {
  id: string;
  state: string;
  boot_id: string;
  new_boot_id: string | null;
  joined?: boolean;
  timeline: { state: string; at: number }[];
}

interface Operation {
  id: string;
  state: string;
  result: { files: number; sha256: string } | null;
  timeline: { state: string }[];
}

const schemaOf = (name: string): object =>
  JSON.parse(readFileSync(new URL(`../contracts/${name}.schema.json`, import.meta.url), 'utf8')) as object;
/** Longer than the broker keeps a silent connection. */
const PAUSE_MS = 30_000;
const whole = ['sent', 'acknowledged', 'draining', 'down', 'up', 'healthy'];

/** The platform's API and the native one, with a real agent at the other end. */
describe('a dataplane', () => {
  let system: System;
  let dataplane: Dataplane;
  let routes: RouteEnds;

  beforeAll(async () => {
    [system, routes] = await Promise.all([System.create(), RouteEnds.start()]);
    await system.startGateway({
      SIGNALBOX_DRAIN_MS: '0',
      SIGNALBOX_DATAPLANE_TIMEOUT_MS: '2000',
      SIGNALBOX_RESTART_DRAIN_SECONDS: '0',
    });
    await Promise.all([system.start('dataplane-control').ready, system.start('journal').ready]);
  });
  afterAll(async () => {
    await dataplane?.stop();
    await routes?.stop();
    await system.close();
  });

  const json = async <Body>(path: string): Promise<Body> => (await system.get(path)).json() as Promise<Body>;
  const health = async (): Promise<unknown> =>
    (await json<{ dataplane_healthcheck: unknown }>('/api/status')).dataplane_healthcheck;
  const isHealthy = async (): Promise<boolean> => typeof (await health()) === 'object';
  /** Healthy, and stored: until then nothing is sent to it. */
  const isKnown = async (name: string): Promise<boolean> => {
    const { health: shown, first_seen_at: since } = await json<{ health?: string; first_seen_at?: number | null }>(
      `/v1/dataplanes/${name}`,
    );
    return shown === 'healthy' && typeof since === 'number';
  };
  const follow = (id: string): Promise<Restart> => json(`/v1/restarts/${id}?wait=60s`);
  const put = (key = system.adminKey): Promise<Response> =>
    fetch(`${system.baseUrl}/api/admin/restart`, { method: 'PUT', headers: { authorization: `Bearer ${key}` } });
  const member = async (): Promise<string> =>
    ((await (await system.send('POST', '/v1/keys', { name: 'm', role: 'member' })).json()) as { key: string }).key;

  it('is unhealthy and is sent nothing before its first report', async () => {
    await eventually(async () => (await system.get('/v1/dataplanes')).status === 200);
    expect(await json('/api/status')).toEqual({
      database_connection: 'OK',
      rabbitmq_connection: 'OK',
      dataplane_healthcheck: 'UNHEALTHY',
    });
    const response = await put();
    expect([response.status, await response.json()]).toEqual([
      503,
      { detail: expect.stringMatching(/ever reported.*nothing will be sent later/i) as unknown },
    ]);
  });

  it('is shown as it reports, in the documented form', async () => {
    const { open, refused, silent, badTls } = routes.ports;
    const asked = [
      `127.0.0.1:${open}`,
      `127.0.0.1:${refused}`,
      `127.0.0.1:${silent}`,
      'not-there.invalid:5432',
      `127.0.0.1:${badTls}/tls`,
    ];
    dataplane = new Dataplane(system, {
      SIGNALBOX_THREADS: '2',
      SIGNALBOX_PRIVATE_ROUTES: asked.join(','),
      SIGNALBOX_ROUTE_TIMEOUT_MS: '1500',
      SIGNALBOX_ROUTE_PROBE_INTERVAL_MS: '1000',
    });
    await eventually(isHealthy);
    const found = {
      [`127.0.0.1:${open}`]: 'OK',
      [`127.0.0.1:${refused}`]: 'refused',
      [`127.0.0.1:${silent}`]: 'no answer within 1.5 s',
      // A machine without a name server cannot know.
      'not-there.invalid:5432': expect.stringMatching(/^(unknown name|DNS: EAI_AGAIN)$/) as unknown,
      [`127.0.0.1:${badTls}`]: 'TLS: self-signed certificate',
    };
    // A probe may have been late on a busy machine; the next one follows soon.
    await eventually(async () => {
      expect(await json('/api/status')).toMatchObject({ private_routes: found });
      return true;
    });
    const status = await json<object>('/api/status');
    const problemsOf = (name: string, body: object): unknown => {
      const validate = new Ajv2020({ strict: false }).compile(schemaOf(name));
      return validate(body) ? [] : validate.errors;
    };
    expect(problemsOf('platform-status', status)).toEqual([]);
    expect(await health()).toMatchObject({
      spark_version: 'none',
      max_executors: 2,
      thread_pool_parallelism: 2,
      thread_pool_state: expect.stringMatching(
        /^0 running operations \[\] with 0 queued requests and [1-9]\d* provisioned channels$/,
      ) as unknown,
    });
    const info = await json<object>('/api');
    expect(problemsOf('platform-info', info)).toEqual([]);
    expect(info).toMatchObject({
      application: 'Signalbox',
      version: expect.stringMatching(/^\d{8}(-[0-9a-f]{7})?$/) as unknown,
      release: expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown,
    });
    expect(await json('/v1/dataplanes')).toMatchObject({
      data: [{ name: 'main', primary: true, health: 'healthy', reason: null, report: { pid: dataplane.pid } }],
    });
  });

  it('answers 401 and 403 in the documented form', async () => {
    const none = await fetch(`${system.baseUrl}/api/admin/restart`, { method: 'PUT' });
    expect([none.status, none.headers.get('www-authenticate'), await none.json()]).toEqual([
      401,
      'Bearer',
      { detail: expect.any(String) as unknown },
    ]);
    const key = await member();
    const refused = await put(key);
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { detail: expect.stringContaining('admin') as unknown },
    ]);
    for (const path of ['/api', '/api/status', '/api/openapi.json'])
      expect((await system.get(path, { authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await system.get('/api/nothing')).status).toBe(404);
  });

  it('restarts by a message and can be followed to its end; its next incarnation finishes the interrupted operations', async () => {
    const before = dataplane.pid;
    // Enough for a few seconds: 400 files each.
    const asked = Array.from(
      { length: 8 },
      async () =>
        (await (
          await system.send('POST', '/v1/dataplanes/main/operations', {
            kind: 'hash-tree',
            path: 'node_modules/@nestjs/core',
          })
        ).json()) as { id: string },
    );
    await Promise.any(asked);
    await eventually(
      async () =>
        (await json<{ data: { state: string }[] }>('/v1/dataplanes/main/operations')).data.some(
          ({ state }) => state === 'running',
        ),
      { everyMs: 5 },
    );
    const response = await put();
    expect([response.status, await response.text()]).toEqual([200, '']);
    await eventually(async () => (await health()) === 'UNHEALTHY', { everyMs: 5 });
    const restart = await follow(response.headers.get('location')?.split('/').at(-1) ?? '');
    expect(restart.timeline.map(({ state }) => state)).toEqual(whole);
    expect(restart.timeline.map(({ at }) => at)).toEqual(
      restart.timeline.map(({ at }) => at).toSorted((a, b) => a - b),
    );
    expect(restart.new_boot_id).not.toBe(restart.boot_id);
    expect(await isHealthy()).toBe(true);
    expect(dataplane.pid).not.toBe(before);
    const operations = await Promise.all(asked);
    const list = async (): Promise<Operation[]> =>
      (await json<{ data: Operation[] }>('/v1/dataplanes/main/operations')).data.filter(({ id }) =>
        operations.some((each) => each.id === id),
      );
    await eventually(async () => (await list()).every(({ state }) => state === 'finished'), { timeoutMs: 120_000 });
    const finished = await list();
    expect(finished).toHaveLength(8);
    expect(finished.filter(({ result }) => !/^[0-9a-f]{64}$/.test(result?.sha256 ?? ''))).toEqual([]);
    expect(new Set(finished.map(({ result }) => result?.sha256)).size).toBe(1);
    expect(
      finished
        .filter(({ timeline }) => timeline.some(({ state }) => state === 'interrupted'))
        .map(({ timeline }) => timeline.map(({ state }) => state)),
    ).toContainEqual(['queued', 'running', 'interrupted', 'running', 'finished']);
  }, 240_000);

  it('restarts whatever the body of the request is', async () => {
    for (const [type, body] of [
      ['text/plain', 'hello'],
      ['application/json', '{bad'],
      ['application/json', ''],
      ['application/octet-stream', 'x'.repeat(3_000_000)],
    ] as const) {
      const response = await fetch(`${system.baseUrl}/api/admin/restart`, {
        method: 'PUT',
        headers: { 'x-api-key': system.adminKey, 'content-type': type },
        body,
      });
      expect([type, response.status, await response.text()]).toEqual([type, 200, '']);
      await follow(response.headers.get('location')?.split('/').at(-1) ?? '');
    }
  }, 120_000);

  it('executes the first of many restarts, and reports the others as expired', async () => {
    const responses = await Promise.all(Array.from({ length: 20 }, () => put()));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    const restarts = await Promise.all(
      responses.map((response) => follow(response.headers.get('location')?.split('/').at(-1) ?? '')),
    );
    expect(restarts.map(({ state }) => state).toSorted((a, b) => a.localeCompare(b))).toEqual([
      ...Array.from({ length: 19 }, () => 'expired'),
      'healthy',
    ]);
    const audited = await eventually(async () => {
      const { data } = await json<{
        data: { action: string; detail: { restart_id: string }; result: string; address: string }[];
      }>('/v1/audit?limit=1000');
      const found = data.filter(({ detail }) => restarts.some(({ id }) => id === detail.restart_id));
      return found.length >= 20 && found;
    });
    expect(audited).toHaveLength(20);
    expect(audited[0]).toMatchObject({
      action: 'restart-dataplane',
      resource: 'main',
      result: 'sent',
      address: '127.0.0.1',
      request_id: expect.stringMatching(/^req_/) as unknown,
    });
  }, 120_000);

  it('joins an equal restart that is in progress, and the same key names the same restart', async () => {
    await eventually(isHealthy);
    const post = async (body: object, key?: string): Promise<[number, Restart]> => {
      const response = await fetch(`${system.baseUrl}/v1/dataplanes/main/restarts`, {
        method: 'POST',
        headers: {
          'x-api-key': system.adminKey,
          'content-type': 'application/json',
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        body: JSON.stringify(body),
      });
      return [response.status, (await response.json()) as Restart];
    };
    const [first, second] = [await post({ reason: 'new rules' }, 'k1'), await post({ reason: 'other' }, 'k2')];
    expect([first[0], second[0], second[1].joined]).toEqual([202, 202, true]);
    expect(second[1].id).toBe(first[1].id);
    const ended = await follow(first[1].id);
    expect(ended.timeline.map(({ state }) => state)).toEqual(['requested', ...whole]);
    expect((await post({ reason: 'new rules' }, 'k1'))[1]).toMatchObject({ id: first[1].id, joined: true });
    // Also the key of a call that joined.
    expect((await post({ reason: 'other' }, 'k2'))[1]).toMatchObject({ id: first[1].id, joined: true });
    expect((await post({ reason: 'something else' }, 'k1'))[0]).toBe(422);
    expect((await post({ drain_seconds: -1 }))[0]).toBe(400);
    await eventually(async () =>
      (await json<{ data: { result: string; detail: object }[] }>('/v1/audit')).data.some(
        ({ result, detail }) => result === 'refused' && JSON.stringify(detail).includes('idempotency_key_reused'),
      ),
    );
    expect((await system.send('POST', '/v1/dataplanes/none/restarts', {})).status).toBe(404);
    for (const id of ['restart-000000000000000000000000', 'restart-%25', 'x'])
      expect([id, (await system.get(`/v1/restarts/${id}`)).status]).toEqual([id, 404]);
  }, 120_000);

  it('refuses a restart with another drain time than the one in progress, and names that one', async () => {
    await eventually(isHealthy);
    dataplane.pause();
    try {
      const post = (body: object) => system.send('POST', '/v1/dataplanes/main/restarts', body);
      const { id } = (await (await post({ drain_seconds: 7 })).json()) as Restart;
      expect(await (await post({ drain_seconds: 7, reason: 'the same' })).json()).toMatchObject({ id, joined: true });
      const other = await post({ drain_seconds: 0 });
      expect([other.status, await other.json()]).toEqual([
        409,
        expect.objectContaining({ code: 'restart_in_progress', detail: expect.stringContaining(id) as unknown }),
      ]);
    } finally {
      dataplane.continue();
    }
    await eventually(async () =>
      (await json<{ restarts: Restart[] }>('/v1/dataplanes/main')).restarts.every(({ state }) =>
        ['healthy', 'expired'].includes(state),
      ),
    );
    await eventually(isHealthy);
  }, 120_000);

  it('creates a restart by its events where no gateway knows whether its command was sent', async () => {
    const channel = await (await connect(system.broker.url)).createConfirmChannel();
    const publish = async (exchange: string, key: string, type: string, body: object): Promise<void> => {
      channel.publish(exchange, key, Buffer.from(JSON.stringify(body)), {
        type,
        contentType: 'application/json',
        messageId: randomUUID(),
        deliveryMode: 2,
      });
      await channel.waitForConfirms();
    };
    const commandOf = (restart_id: string, request_id: string) => ({
      restart_id,
      dataplane: 'main',
      boot_id: 'another incarnation',
      drain_seconds: 0,
      requested_at: Date.now(),
      expires_at: Date.now() + 600_000,
      reason: null,
      by: { key_id: null, request_id, address: '127.0.0.1' },
    });
    type Command = ReturnType<typeof commandOf>;
    const publishExpired = (name: string, { command, type }: { command: Command; type: string }) =>
      publish('signalbox.reports', `dataplane.${name}.events`, type, {
        dataplane: name,
        boot_id: 'an incarnation',
        at: Date.now(),
        kind: 'restart',
        restart_id: command.restart_id,
        step: 'expired',
        command,
      });
    const recordUnknown = ({ by, ...command }: Command) =>
      publish('signalbox.commands', 'dataplane-control.record', 'dataplane-control.record', {
        at: Date.now(),
        action: 'restart-dataplane',
        resource: 'main',
        ...by,
        result: 'unknown',
        detail: { restart_id: command.restart_id },
      });
    const early = commandOf('restart-00000000000000000000000a', 'req_early');
    const late = commandOf('restart-00000000000000000000000b', 'req_late');
    await publishExpired('main', { command: early, type: 'dataplane.event' });
    await recordUnknown(early);
    await recordUnknown(late);
    await eventually(async () => (await json<Restart>(`/v1/restarts/${early.restart_id}`)).state === 'expired');
    await eventually(async () =>
      (await json<{ data: { request_id: string }[] }>('/v1/audit')).data.some(
        ({ request_id }) => request_id === 'req_late',
      ),
    );
    // Events of another dataplane do not count, and no message of an event queue is handled as a command.
    await publishExpired('other', { command: late, type: 'dataplane.event' });
    await publish('signalbox.reports', 'dataplane.main.events', 'dataplane.shutdown', late);
    // No report, whatever incarnation it names, displaces that of a dataplane which its key does not name.
    await publish('signalbox.reports', 'dataplane.other', 'dataplane.report', { ...startingReport, boot_id: 'forged' });
    await eventually(async () => (await system.broker.messageCount('dead-letters.agents')) === 3);
    expect(await json('/v1/dataplanes/main')).toMatchObject({
      health: 'healthy',
      boot_id: expect.not.stringContaining('forged'),
    });
    expect((await system.get('/v1/dataplanes/other')).status).toBe(404);
    expect((await system.get(`/v1/restarts/${late.restart_id}`)).status).toBe(404);
    await publishExpired('main', { command: late, type: 'dataplane.event' });
    await eventually(async () => (await json<Restart>(`/v1/restarts/${late.restart_id}`)).state === 'expired');
    const { data } = await json<{ data: { number: number }[] }>('/v1/audit?limit=1000');
    expect(data.map(({ number }) => number)).toEqual(data.map((_, index) => data.length - index));
  });

  it('gets its queues back when they are deleted', async () => {
    for (const queue of ['dataplane.main.control', 'dataplane.main.operations']) await system.broker.deleteQueue(queue);
    await eventually(
      async () => (await system.broker.queues()).filter((queue) => queue.startsWith('dataplane.main.')).length === 2,
    );
    await eventually(isHealthy);
    const { id } = (await (await system.send('POST', '/v1/dataplanes/main/restarts', {})).json()) as Restart;
    expect((await follow(id)).timeline.map(({ state }) => state)).toEqual(['requested', ...whole]);
    // dataplane-control gets its copies again, too.
    await system.broker.deleteQueue('dataplane-control.commands');
    await eventually(async () => (await system.broker.queues()).includes('dataplane-control.commands'));
    // A queue is declared before its bindings.
    const shown = await eventually(async () => {
      const operation = await system.send('POST', '/v1/dataplanes/main/operations', {
        kind: 'hash-tree',
        path: 'docs',
      });
      return (await system.get(operation.headers.get('location') ?? '')).status === 200;
    });
    expect(shown).toBe(true);
  }, 120_000);

  it.concurrent('may have an agent of a few lines of Python', async () => {
    await testPackages();
    const start = () =>
      spawn(python(), [join(checkout, 'examples/dataplane-agent.py'), 'snake'], {
        env: {
          PATH: process.env['PATH'],
          DATAPLANE_RABBITMQ_URL: system.broker.url,
          SIGNALBOX_REPORT_INTERVAL_MS: '500',
        },
        stdio: 'inherit',
      });
    const first = start();
    const ended = once(first, 'exit');
    await eventually(() => isKnown('snake'));
    const restart = (await (
      await system.send('POST', '/v1/dataplanes/snake/restarts', { reason: 'to see it' })
    ).json()) as Restart;
    expect(await ended).toEqual([0, null]);
    const second = start();
    try {
      expect((await follow(restart.id)).timeline.map(({ state }) => state)).toEqual(['requested', ...whole]);
      expect(await json('/v1/dataplanes/snake')).toMatchObject({
        primary: false,
        health: 'healthy',
        report: { engine: 'python', pid: second.pid },
      });
    } finally {
      second.kill('SIGKILL');
    }
  }, 600_000);

  it.concurrent('may be a Spark driver: its figures are shown, and its jobs finish before a restart', async () => {
    const driver = await SparkDriver.start();
    const dataplane = new Dataplane(system, {
      SIGNALBOX_DATAPLANE: 'spark',
      SIGNALBOX_ENGINE: 'spark',
      SIGNALBOX_SPARK_URL: driver.url,
    });
    try {
      const shown = () =>
        json<{ health: string; reason: string; report: { pid: number; status: object; thread_pool: object } }>(
          '/v1/dataplanes/spark',
        );
      await eventually(() => isKnown('spark'));
      const { pid, status, thread_pool: pool } = (await shown()).report;
      expect(pid).toBe(dataplane.pid);
      expect(status).toMatchObject({
        spark_version: '3.5.1',
        driver_free_memory_mb: 1_536,
        max_executors: 12,
        max_memory_per_executor_mb: 55_000,
        cores_per_executor: 7,
        max_dataframe_size_mb: 4_096,
        thread_pool_parallelism: 14,
      });
      expect(pool).toMatchObject({ running: ['job-41', 'job-42'], queued: 1 });

      const refused = await system.send('POST', '/v1/dataplanes/spark/operations', { kind: 'hash-tree', path: '.' });
      expect([refused.status, await refused.json()]).toEqual([
        409,
        expect.objectContaining({
          code: 'operation_not_supported',
          detail: expect.stringContaining('its engine is spark') as unknown,
        }),
      ]);

      const { id } = (await (
        await system.send('POST', '/v1/dataplanes/spark/restarts', { drain_seconds: 60 })
      ).json()) as Restart;
      await eventually(async () => (await json<Restart>(`/v1/restarts/${id}`)).state === 'draining');
      const asked = driver.asked.length;
      await eventually(() => driver.asked.length > asked + 12);
      expect([dataplane.pid, (await json<Restart>(`/v1/restarts/${id}`)).state]).toEqual([pid, 'draining']);
      driver.answers[driver.of('/jobs?status=running')] = [];
      expect((await follow(id)).timeline.map(({ state }) => state)).toEqual(['requested', ...whole]);
      expect((await shown()).report.pid).toBe(dataplane.pid);

      driver.answers = {};
      // The poll in progress may have failed at a later request of its own; the next one fails at the first.
      const reason =
        'It is starting: the Spark driver does not answer as it should: the driver answers 404 to /applications.';
      await eventually(async () => (await shown()).reason === reason);
      expect(await shown()).toMatchObject({ health: 'unhealthy', reason });
    } finally {
      await dataplane.stop();
      await driver.stop();
    }
  }, 120_000);

  it.concurrent('is unhealthy while it is silent for half a minute, and healthy again by itself', async () => {
    await eventually(isHealthy);
    const { pid } = dataplane;
    dataplane.pause();
    try {
      await eventually(async () => (await health()) === 'UNHEALTHY');
      expect(await json('/v1/dataplanes/main')).toMatchObject({
        health: 'unhealthy',
        reason: expect.stringContaining('last report') as unknown,
      });
      await sleep(PAUSE_MS);
      expect(await health()).toBe('UNHEALTHY');
    } finally {
      dataplane.continue();
    }
    await eventually(isHealthy);
    expect(dataplane.pid).toBe(pid);
  }, 120_000);

  it('is still known after restarts of dataplane-control and of the gateway', async () => {
    await system.kill('dataplane-control');
    await eventually(async () => (await health()) === 'UNHEALTHY');
    await system.start('dataplane-control').ready;
    await eventually(isHealthy);
    await system.service('gateway').stop();
    await system.startGateway({
      SIGNALBOX_DRAIN_MS: '0',
      SIGNALBOX_DATAPLANE_TIMEOUT_MS: '2000',
      SIGNALBOX_RESTART_DRAIN_SECONDS: '0',
    });
    await eventually(isHealthy);
    expect(await json('/v1/dataplanes')).toMatchObject({
      data: [
        { name: 'main', health: 'healthy' },
        { name: 'snake', health: 'unhealthy' },
        { name: 'spark', health: 'unhealthy' },
      ],
    });
  }, 180_000);
});
