import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { PROBE_STALE_MS } from '@signalbox/component-status';
import { eventually, FaultyBroker, FaultyDatabase, RouteEnds } from '@signalbox/testing';
import type { CriticalStatus, Notice, ServiceStatus, StatusExplanation } from '@signalbox/contracts/http';
import { every, systemClock } from '@signalbox/platform';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import { Dataplane, startingReport } from '../support/dataplane.js';
import { metricOf } from '../support/metric-of.js';
import { Registry } from '../support/registry.js';
import { judgementOf, SecondEvaluator } from '../support/second-evaluator.js';
import { ServiceInProcess } from '../support/service-in-process.js';
import { System, type SystemInProcess } from '../support/system.js';

const schema = JSON.parse(
  readFileSync(new URL('../contracts/service-status.schema.json', import.meta.url), 'utf8'),
) as object;
const isDocumented = addFormats.default(new Ajv2020({ strict: false })).compile(schema);

const services = ['reader-heartbeat', 'dataplane-control', 'datasource-sync', 'registry'] as const;
type ServiceName = (typeof services)[number];

/** A reader is dead after one of its intervals. */
const SHORT_LEASE = { SIGNALBOX_MISSED_BEATS: '1', SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: '0' };

const DATAPLANE_TIMEOUT_MS = 3_000;

/** The event loop stands still for longer than a check is valid, as in a process that is overloaded or suspended. */
const doNotRun = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PROBE_STALE_MS + 500);

/** What is broken in a running system is named as the cause, and nothing else is. */
describe('GET /v1/status and its explanation', () => {
  let system: SystemInProcess;
  let broker: FaultyBroker;
  let database: FaultyDatabase;
  let registry: Registry<ReturnType<SystemInProcess['service']>>;
  let evaluator: SecondEvaluator;

  beforeAll(async () => {
    [system, broker, database] = await Promise.all([System.inProcess(), FaultyBroker.start(), FaultyDatabase.start()]);
    registry = new Registry(system);
    await Promise.all(services.map((name) => start(name, name === 'registry' ? { SIGNALBOX_DRAIN_MS: '3000' } : {})));
    await system.startGateway({
      ...servers(),
      SIGNALBOX_DRAIN_MS: '0',
      SIGNALBOX_DATAPLANE_TIMEOUT_MS: String(DATAPLANE_TIMEOUT_MS),
      SIGNALBOX_ENVIRONMENT: 'test',
      SIGNALBOX_DATACENTER: 'here',
    });
    evaluator = await SecondEvaluator.start(servers(), { dataplaneTimeoutMs: DATAPLANE_TIMEOUT_MS });
  }, 120_000);
  beforeEach(() => causesAre([]));
  afterAll(async () => {
    await evaluator?.close();
    await system.close();
    registry.remove();
    await broker.close();
    await database.close();
  });

  const servers = () => ({
    RABBITMQ_URL: broker.url,
    DATABASE_URL: database.url,
    BROKER_SENDERS: 'unchecked' as const,
  });
  const start = async (name: ServiceName, env: Record<string, string> = {}): Promise<void> => {
    if (name === 'registry')
      await registry.start({ config: { frozenConfig: false, projects: [] }, env: { ...servers(), ...env } });
    else await system.start(name, { ...servers(), ...SHORT_LEASE }).ready;
  };
  const explain = async (url = system.baseUrl): Promise<StatusExplanation['data']> => {
    const response = await fetch(`${url}/v1/status/explain`, { headers: { 'x-api-key': system.adminKey } });
    return ((await response.json()) as StatusExplanation).data;
  };
  /** Of the gateway; another process that follows the streams must judge the same, down to the rules. */
  const causesAre = (expected: string[]): Promise<StatusExplanation['data']> =>
    eventually(
      async () => {
        const data = await explain();
        const causes = data.causes.map(({ rule }) => rule);
        if (JSON.stringify(causes) !== JSON.stringify(expected)) throw new Error(`the causes are ${causes.join()}`);
        expect(evaluator.judge()).toEqual(judgementOf(data));
        return data;
      },
      { timeoutMs: 30_000 },
    );

  /** The answer of `GET /v1/status`, which must fit the documented schema. */
  const serviceStatus = async (): Promise<{ status: number; body: ServiceStatus | CriticalStatus }> => {
    const response = await system.get('/v1/status');
    const body = (await response.json()) as ServiceStatus | CriticalStatus;
    expect({ fits: isDocumented(body), errors: isDocumented.errors }).toMatchObject({ fits: true });
    return { status: response.status, body };
  };
  /** The only one, and of that effect sooner or later. */
  const isTheCauseOf = (cause: string, effect: string): Promise<unknown> =>
    eventually(async () => (await causesAre([cause])).causes[0]!.effects.some(({ rule }) => rule === effect), {
      timeoutMs: 30_000,
    });
  const platformStatus = async (): Promise<unknown> => (await system.get('/api/status')).json();
  const isCritical = async (rule: string): Promise<void> => {
    const { status, body } = await serviceStatus();
    expect(status).toBe(503);
    expect(body).toMatchObject({
      success: false,
      code: 'service_unavailable',
      status_code: 503,
      request_id: expect.stringMatching(/^req_/) as string,
      metadata: { environment: 'test', datacenter: 'here' },
      data: {
        status: 'critical',
        components: { [rule.split('.')[0]!]: 'unavailable' },
        component_details: { [rule.split('.')[0]!]: { reasons: [{ rule }] } },
      },
    });
  };

  it('shows the account of the caller, with the numbers of the headers', async () => {
    const made = await system.send('POST', '/v1/keys', { name: 'monitor', mode: 'test' });
    const { key } = (await made.json()) as { key: string };
    const response = await eventually(async () => {
      const answer = await system.get('/v1/status', { 'x-api-key': key });
      return answer.status === 200 && answer;
    });
    const { success, message, data, metadata } = (await response.json()) as ServiceStatus;
    expect({ success, message, metadata }).toEqual({
      success: true,
      message: 'System status retrieved successfully',
      metadata: { environment: 'test', datacenter: 'here' },
    });
    const { account, performance } = data;
    expect(account).toEqual({
      tier: 'standard',
      type: 'test',
      capabilities: ['member'],
      rate_limits: {
        limit: 1_000,
        remaining: Number(response.headers.get('x-ratelimit-remaining')),
        reset_time: new Date(Number(response.headers.get('x-ratelimit-reset')) * 1_000).toISOString(),
        burst_limit: 100,
      },
    });
    expect(performance.response_time_ms).toBeGreaterThan(0);
    expect((await system.get('/v1/status', {})).status).toBe(401);
    expect(await (await system.get('/health', {})).json()).toEqual({ status: 'healthy' });
  });

  it('finds everything operational while everything works', async () => {
    expect(await serviceStatus()).toMatchObject({ status: 200, body: { data: { status: 'operational' } } });
    const { status, components } = await explain();
    expect(status).toBe('operational');
    expect(components.map((one) => [one.component, one.status, one.stale])).toEqual(
      ['messaging', 'storage', 'api', 'readers', 'registry', 'dataplane', 'datasources'].map((name) => [
        name,
        'operational',
        false,
      ]),
    );
  });

  it.each([
    ['reader-heartbeat', 'readers'],
    ['registry', 'registry'],
    ['dataplane-control', 'dataplane'],
    ['datasource-sync', 'datasources'],
  ] as const)('names %s when it is gone', async (service, component) => {
    const stopped = system.service(service).stop();
    // It is the only one that says so before it stops.
    if (service === 'registry') await causesAre(['registry.not_serving']);
    await stopped;
    const { status, causes, components } = await causesAre([`${component}.owner_silent`]);
    expect(status).toBe('degraded');
    expect(causes[0]!.sentence).toContain(`Nothing has been received from ${service}`);
    expect(components.find((one) => one.component === component)).toMatchObject({ status: 'unavailable', stale: true });
    await start(service);
  });

  it('names a service of which a part of the state is missing here', async () => {
    const publisher = await BeatPublisher.open(broker.url);
    // As of an owner that took over and does not answer requests for its state.
    const beacon = { stream: 'datasources', epoch: Date.now(), seq: 1, digest: '0123456789abcdef' };
    await publisher.publish({ exchange: 'signalbox.state', key: 'datasources' }, beacon, { type: 'state.beacon' });
    const { components } = await causesAre(['datasources.behind']);
    expect(components.find(({ component }) => component === 'datasources')).toMatchObject({
      status: 'degraded',
      stale: true,
    });
    await publisher.close();
    await system.service('datasource-sync').stop();
    await start('datasource-sync');
  });

  it('names the stream of the gateways when the one that owns it publishes nothing', async () => {
    const [owner, killer] = [1, 2].map(() => new pg.Client({ connectionString: database.directUrl }));
    await Promise.all([owner!.connect(), killer!.connect()]);
    const owned = owner!.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', ['signalbox relay gateway.gateway']);
    await eventually(async () => {
      const { rowCount } = await killer!.query(`
        SELECT pg_terminate_backend(held.pid)
        FROM pg_locks held JOIN pg_locks waiting USING (locktype, database, classid, objid, objsubid)
        WHERE held.granted AND NOT waiting.granted AND locktype = 'advisory'`);
      return rowCount === 1;
    });
    await owned;
    const { components } = await causesAre(['api.stream_stale']);
    expect(components.find(({ component }) => component === 'api')).toMatchObject({ status: 'degraded', stale: true });

    // A gateway that starts meanwhile receives no API keys: only its metrics show its status.
    const second = new ServiceInProcess(
      'gateway',
      system.gatewayEnvironment({ ...servers(), SIGNALBOX_DRAIN_MS: '0' }),
    );
    const { port, managementPort } = await second.ready;
    const shows = async (component: string, status: string): Promise<boolean> =>
      (await metricOf(managementPort, 'signalbox_component_status', { component, status })) === 1;
    await eventually(() => shows('messaging', 'operational'));
    await eventually(() => shows('storage', 'operational'));
    expect(await shows('api', 'unavailable')).toBe(true);
    const refused = await fetch(`http://127.0.0.1:${port}/v1/status`, { headers: { 'x-api-key': system.adminKey } });
    expect([refused.status, ((await refused.json()) as CriticalStatus).code]).toEqual([503, 'not_ready']);
    await Promise.all([owner!.end(), killer!.end()]);
    await eventually(() => shows('api', 'operational'));
    await second.stop();
  });

  it('names both servers while their last checks are too old because this process did not run, and not the services', async () => {
    const { hostname, port } = new URL(system.baseUrl);
    const agent = new Agent({ keepAlive: true });
    const options = { hostname, port, path: '/v1/status/explain', headers: { 'x-api-key': system.adminKey }, agent };
    /** @param atOnce called when the request is at the gateway, which has not read it yet */
    const ask = async (atOnce: () => void): Promise<StatusExplanation['data']> => {
      const asked = request(options).once('finish', atOnce).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      return ((await json(response)) as StatusExplanation).data;
    };
    await eventually(
      async () => {
        // The gateway has accepted this connection when it does not run.
        await ask(() => undefined);
        // The request is the first thing that it reads afterwards, before a check can have ended.
        const { status, causes } = await ask(doNotRun);
        expect(causes.map(({ rule }) => rule)).toEqual(['messaging.unchecked', 'storage.unchecked']);
        expect(causes[0]!.effects.map(({ rule }) => rule)).toContain('readers.owner_silent');
        expect(status).toBe('degraded');
        return true;
      },
      { timeoutMs: 35_000 },
    );
    agent.destroy();
  });

  it('names the gateway process that answers when it is stopping', async () => {
    const second = new ServiceInProcess(
      'gateway',
      system.gatewayEnvironment({ ...servers(), SIGNALBOX_DRAIN_MS: '3000' }),
    );
    const url = `http://127.0.0.1:${(await second.ready).port}`;
    const causesThere = async (): Promise<string> => (await explain(url)).causes.map(({ rule }) => rule).join();
    await eventually(async () => (await causesThere()) === '', { timeoutMs: 30_000 });
    const stopped = second.stop();
    await expect.poll(causesThere, { timeout: 30_000 }).toBe('api.stopping');
    await stopped;
  });

  it('shows maintenance while it is active, and counts its components at most as degraded', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const request = { message: 'Datasources are moved', components: ['datasources'], ends_at: soon };
    const made = await system.send('POST', '/v1/notices', request);
    const { id } = (await made.json()) as Notice;
    expect(made.status).toBe(201);
    await system.service('datasource-sync').stop();
    const { status, components } = await causesAre(['datasources.owner_silent']);
    expect(status).toBe('degraded');
    expect(components.find(({ component }) => component === 'datasources')).toMatchObject({
      status: 'degraded',
      notice_id: id,
      reasons: [{ status: 'unavailable' }],
    });
    const notice = { type: 'maintenance', message: request.message, estimated_completion: soon };
    expect((await serviceStatus()).body).toMatchObject({ notice, data: { notice } });

    const later = new Date(Date.now() + 7_200_000).toISOString();
    expect(await (await system.send('PATCH', `/v1/notices/${id}`, { ends_at: later })).json()).toMatchObject({
      state: 'active',
      ends_at: later,
    });
    await eventually(async () => (await serviceStatus()).body.notice?.estimated_completion === later);
    expect(await (await system.send('POST', `/v1/notices/${id}/end`)).json()).toMatchObject({ state: 'completed' });
    await eventually(async () => (await serviceStatus()).body.notice === undefined);
    expect((await serviceStatus()).body.data.components['datasources']).toBe('unavailable');
    expect(await (await system.get('/v1/notices')).json()).toMatchObject({ data: [{ id, state: 'completed' }] });
    await start('datasource-sync');
  });

  it('names a dead reader until it deregisters', async () => {
    const readers = await BeatPublisher.open(broker.url);
    await readers.send(beat('gone', { heartbeat_wait_interval: 1 }));
    const { causes } = await causesAre(['readers.dead']);
    expect(causes[0]!.sentence).toBe('1 of 1 readers is dead: gone.');
    await readers.send(beat('gone', { state: 'stopping' }));
    await causesAre([]);
    await readers.close();
  });

  it('names a reader that is flapping once, also while it is dead and after a restart of its service, until it is quiet', async () => {
    const replicaAt = async (): Promise<string> => (await system.health()).checks['stream readers.0']!.detail!;
    const readers = await BeatPublisher.open(broker.url);
    for (const state of ['loading', 'ready', 'loading', 'ready', 'loading'])
      await readers.send(beat('flaps', { state, heartbeat_wait_interval: 6 }));
    const { causes } = await causesAre(['readers.flapping']);
    expect(causes[0]!.sentence).toBe('1 of 1 readers is flapping: flaps.');

    const [epoch] = (await replicaAt()).split('.');
    await system.service('reader-heartbeat').stop();
    await start('reader-heartbeat');
    await readers.send(beat('flaps', { state: 'loading', heartbeat_wait_interval: 6 }));
    await eventually(async () => !(await replicaAt()).startsWith(epoch!));
    await causesAre(['readers.flapping']);

    // Ten leases are ten seconds from now on.
    await readers.send(beat('flaps', { state: 'ready', heartbeat_wait_interval: 1 }));
    await eventually(async () => (await system.mapOf('flaps')) === 'dead');
    expect((await explain()).causes.map(({ rule }) => rule)).toEqual(['readers.flapping']);
    await causesAre(['readers.dead']);
    await readers.send(beat('flaps', { state: 'stopping' }));
    await causesAre([]);
    await readers.close();
  });

  it('names a package that cannot be loaded', async () => {
    registry.makePackage('orders');
    const answers = [
      await system.send('POST', '/api/v0/projects', { name: 'shop' }),
      await system.send('POST', '/api/v0/projects/shop/packages', { name: 'orders', location: './orders' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    registry.makePackage('orders', '{');
    await system.service('registry').stop();
    await start('registry');
    const { causes } = await causesAre(['registry.load_error']);
    expect(causes[0]!.sentence).toContain('package shop/orders');
    await system.send('DELETE', '/api/v0/projects/shop');
  });

  it('names the memory alarm of the broker, and not the services that are silent because of it', async () => {
    await broker.raiseMemoryAlarm();
    const { status, causes, components } = await causesAre(['messaging.blocked']);
    expect(status).toBe('degraded');
    expect(components.find(({ component }) => component === 'messaging')!.status).toBe('degraded');
    await isTheCauseOf('messaging.blocked', 'readers.owner_silent');
    expect(causes[0]!.remedy).toContain('rabbitmqctl');
    const blocked = { error_type: 'blocked' };
    const sent = () => metricOf(system.managementPort, 'messaging_client_sent_messages_total', blocked);
    await eventually(async () => (await sent()) > 0);
    await broker.clearMemoryAlarm();
  });

  it('names the broker when it is gone: the whole is critical', async () => {
    await broker.stop();
    const { status } = await causesAre(['messaging.unreachable']);
    expect(status).toBe('critical');
    await isCritical('messaging.unreachable');
    expect(await platformStatus()).toMatchObject({ rabbitmq_connection: 'UNHEALTHY', database_connection: 'OK' });
    await broker.start();
  });

  it('names the database when it is gone: the whole is critical', async () => {
    await database.stop();
    const { status } = await causesAre(['storage.unreachable']);
    expect(status).toBe('critical');
    await isCritical('storage.unreachable');
    expect(await platformStatus()).toMatchObject({ rabbitmq_connection: 'OK', database_connection: 'UNHEALTHY' });
    await isTheCauseOf('storage.unreachable', 'registry.owner_silent');
    await database.start();
  });

  // The last test: a dataplane that once reported is known from then on.
  it('names a private route that refuses, a dataplane that is silent, and one that does not run', async () => {
    const ends = await RouteEnds.start();
    const refused = `127.0.0.1:${ends.ports.refused}`;
    const dataplane = new Dataplane(system, { RABBITMQ_URL: broker.url, SIGNALBOX_PRIVATE_ROUTES: refused });
    const { causes } = await causesAre(['dataplane.route_down']);
    expect(causes[0]!.sentence).toContain(`${refused} from main`);
    dataplane.pause();
    await causesAre(['dataplane.silent']);
    dataplane.continue();
    await causesAre(['dataplane.route_down']);
    await dataplane.stop();
    await ends.stop();
    await causesAre(['dataplane.silent']);

    // An agent whose engine does not answer reports so.
    const publisher = await BeatPublisher.open(broker.url);
    const to = { exchange: 'signalbox.reports', key: 'dataplane.main' };
    let seq = 0;
    const stopReporting = every({ clock: systemClock, ms: 1_000, atOnce: true }, () =>
      publisher.publish(to, { ...startingReport, seq: (seq += 1) }, { type: 'dataplane.report' }),
    );
    await causesAre(['dataplane.not_running']);
    stopReporting();
    await publisher.close();
  });
});
