import { readFileSync } from 'node:fs';
import { freePort } from '@signalbox/local-infra';
import { eventually, TcpProxy, testDatabase, testPackages } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitedKey } from '../support/accounts.js';
import { beat, BeatPublisher } from '../support/beating.js';
import { Dataplane } from '../support/dataplane.js';
import { DocumentedMetrics } from '../support/documented-metrics.js';
import { startHostileServer } from '../support/hostile/hostile-server.js';
import { checkMetrics, Prometheus } from '../support/prometheus.js';
import { Registry } from '../support/registry.js';
import { System, type SystemInProcess } from '../support/system.js';

const services = ['reader-heartbeat', 'dataplane-control', 'datasource-sync'] as const;

/** A proxy before a server, and the URL of the server through it. */
async function behindProxy(url: string): Promise<{ proxy: TcpProxy; url: string }> {
  const through = new URL(url);
  const proxy = await TcpProxy.start({ port: Number(through.port) });
  through.port = String(proxy.port);
  return { proxy, url: through.href };
}

/** Each metric is read by a real Prometheus, and changes when what it measures is made to happen. */
describe('metrics', () => {
  let system: SystemInProcess;
  let registry: Registry<ReturnType<SystemInProcess['service']>>;
  let dataplane: Dataplane;
  let readers: BeatPublisher;
  let broker: Awaited<ReturnType<typeof behindProxy>>;
  let database: Awaited<ReturnType<typeof behindProxy>>;
  let prometheus: Prometheus;
  const ports: Record<string, number> = {};

  beforeAll(testPackages, 600_000);
  beforeAll(async () => {
    const server = await testDatabase();
    database = await behindProxy(server.url);
    system = await System.inProcess({ ...server, url: database.url });
    broker = await behindProxy(system.broker.url);
    registry = new Registry(system);
    const env = { RABBITMQ_URL: broker.url, SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: '0' };
    const started = [
      registry.start({
        config: { frozenConfig: false, projects: [] },
        env: { ...env, SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' },
      }),
      ...services.map(async (name) => system.start(name, env)),
      system.startGateway({ ...env, SIGNALBOX_DRAIN_MS: '0', SIGNALBOX_RESTART_DRAIN_SECONDS: '60' }),
    ];
    await Promise.all(started);
    for (const name of ['registry', 'gateway', ...services])
      ports[name] = (await system.service(name).ready).managementPort;
    // Past the proxies, so that it runs while they are cut; its next incarnation has the same port.
    const agentPort = await freePort();
    dataplane = new Dataplane(system, { SIGNALBOX_MANAGEMENT_PORT: String(agentPort) });
    ports['dataplane-agent'] = agentPort;
    readers = await BeatPublisher.open(system.broker.url);
    prometheus = await Prometheus.start(Object.values(ports));
    await prometheus.until('up', (sum) => sum === 6);
  }, 120_000);
  afterAll(async () => {
    for (const each of [broker, database]) each?.proxy.restore();
    await prometheus?.stop();
    await readers?.close();
    await dataplane?.stop();
    await system?.close();
    registry?.remove();
    await broker?.proxy.close();
    await database?.proxy.close();
  });

  it.each(['gateway', 'registry', 'dataplane-agent', ...services])(
    'of %s have the names and texts that promtool expects',
    async (service) => {
      expect(await checkMetrics(ports[service]!)).toBe('');
    },
  );

  it('say which build each process runs, as its /livez?verbose does', async () => {
    const builds = await prometheus.query('signalbox_build_info');
    expect(new Set(builds.map(({ metric }) => metric['service']))).toEqual(new Set(Object.keys(ports)));
    for (const { metric } of builds) {
      const { service, release, version } = metric;
      const livez = await fetch(`http://127.0.0.1:${ports[service!]!}/livez?verbose`);
      expect(await livez.json()).toEqual({ status: 'ok', release, version });
    }
  });

  it('show what has not happened as 0, so that its first time shows as an increase', async () => {
    expect(await prometheus.sum('signalbox_restart_duration_seconds_count{result="timed_out"}')).toBe(0);
    expect(await prometheus.sum('signalbox_heartbeats_refused_total{reason="bad-heartbeat"}')).toBe(0);
    expect(await prometheus.sum('signalbox_dead_letters_total')).toBe(0);
  });

  // These six wait for different things, most of the time for the next scrape.
  it.concurrent('of readers: their states, the age of their heartbeats, and what is refused', async () => {
    await prometheus.until('signalbox_canary_age_seconds', (age) => age < 2.5);
    await prometheus.grows('signalbox_heartbeats_received_total', () =>
      readers.send([
        beat('a', { heartbeat_wait_interval: 1 }),
        beat('b', { state: 'loading', heartbeat_wait_interval: 60 }),
      ]),
    );
    await prometheus.until('signalbox_readers{state="live"}', (count) => count === 1);
    await prometheus.until('signalbox_readers{state="loading"}', (count) => count === 1);
    await prometheus.until('signalbox_heartbeat_oldest_age_seconds', (age) => age > 1);
    const refusals = [
      prometheus.grows('signalbox_dead_letters_by_reason_total{reason="bad-heartbeat"}', () => undefined),
      prometheus.grows('signalbox_dead_letters_waiting', () => undefined),
      prometheus.grows('signalbox_heartbeats_refused_total{reason="bad-heartbeat"}', () =>
        readers.send({ reader_id: 'c' }),
      ),
      prometheus.grows('signalbox_heartbeats_refused_total{reason="not-json"}', () => readers.send(Buffer.from('{'))),
    ];
    await prometheus.until('signalbox_readers{state="dead"}', (count) => count === 1);
    await prometheus.until('signalbox_component_status{component="readers",status="degraded"}', (is) => is === 1);
    await prometheus.until('signalbox_component_status{component="readers",status="operational"}', (is) => is === 0);
    await Promise.all(refusals);
    await prometheus.until('signalbox_heartbeats_refused_by_reader_total{reader_id="c"}', (sum) => sum > 0);
    await prometheus.until(
      'messaging_client_consumed_messages_total{messaging_destination_name="reader-heartbeat.partition.0"}',
      (sum) => sum > 3,
    );
    await prometheus.until(
      'messaging_process_duration_seconds_count{messaging_destination_name="reader-heartbeat.partition.0"}',
      (sum) => sum > 3,
    );
    expect(await prometheus.until('signalbox_component_status{component="readers"}', (sum) => sum === 1)).toBe(1);
  });

  it.concurrent('of requests: by route template and status, and by the reason of a refusal', async () => {
    const answered = (labels: string): string => `http_server_request_duration_seconds_count{${labels}}`;
    const refused = (reason: string): string => `signalbox_requests_refused_total{reason="${reason}"}`;
    await Promise.all([
      prometheus.grows(answered('http_route="/health",http_request_method="GET",http_response_status_code="200"'), () =>
        system.get('/health'),
      ),
      prometheus.grows(answered('http_route="/v1/keys/:id",http_response_status_code="404"'), () =>
        system.send('DELETE', '/v1/keys/key_unknown'),
      ),
      prometheus.grows(answered('http_route="(none)",http_response_status_code="404"'), () =>
        system.get('/there/is/no/such/path'),
      ),
      prometheus.grows(answered('http_route="(none)",http_request_method="_OTHER"'), () =>
        system.send('PROPFIND', '/there/is/no/such/path'),
      ),
      prometheus.grows(refused('api_key_missing'), () => system.get('/status', {})),
      prometheus.grows(refused('api_key_invalid'), () => system.get('/status', { 'x-api-key': 'sk_live_x' })),
    ]);
    expect(await prometheus.query('{http_route=~".*(key_unknown|such/path).*"}')).toEqual([]);
  });

  it.concurrent('of limits: what was decided, by tier', async () => {
    const decided = (tier: string, decision: string) =>
      `signalbox_rate_limit_decisions_total{tier="${tier}",decision="${decision}"}`;
    const limited = [
      await limitedKey(system, { tier: 'slow', hour: 100, burst: 2 }),
      await limitedKey(system, { tier: 'small', hour: 1 }),
    ];
    const ask = ({ key }: { key: string }): Promise<Response> => system.get('/v1/status', { 'x-api-key': key });
    for (const each of limited) await eventually(async () => (await ask(each)).status !== 401);
    await prometheus.grows('signalbox_requests_refused_total{reason="rate_limit_error"}', () =>
      Promise.all(limited.flatMap((each) => Array.from({ length: 8 }, () => ask(each)))),
    );
    await prometheus.until(decided('slow', 'admitted'), (sum) => sum > 0);
    await prometheus.until(decided('slow', 'burst'), (sum) => sum > 0);
    await prometheus.until(decided('small', 'admitted'), (sum) => sum === 1);
    await prometheus.until(decided('small', 'hour'), (sum) => sum > 0);
    // There with the first request of the tier.
    await prometheus.until(decided('small', 'reserved'), (sum) => sum === 0);
    expect(await prometheus.until('signalbox_limits_store_up', (sum) => sum === 1)).toBe(1);
  });

  it.concurrent('of the registry: its state, and the resources that are loaded and that are not', async () => {
    const count = (kind: string, state: string) => `signalbox_registry_resources{kind="${kind}",state="${state}"}`;
    await prometheus.until('signalbox_registry_state{state="serving"}', (is) => is === 1);
    await prometheus.grows(count('project', 'loaded'), () => system.send('POST', '/api/v0/projects', { name: 'shop' }));
    registry.makePackage('orders');
    await prometheus.grows(count('package', 'loaded'), () =>
      system.send('POST', '/api/v0/projects/shop/packages', { name: 'orders', location: './orders' }),
    );
    await prometheus.until(
      'messaging_process_duration_seconds_count{messaging_destination_name="registry.calls"}',
      (sum) => sum >= 2,
    );
    expect(await prometheus.until('signalbox_registry_state', (sum) => sum === 1)).toBe(1);
  });

  it.concurrent('of what is read of strangers: what runs, what it ended, and what is refused', async () => {
    const test = (port: number): Promise<Response> =>
      system.send('POST', '/api/v0/connections/test', {
        type: 'postgres',
        postgresConnection: { host: '127.0.0.1', port },
      });
    // An authentication of the type 7, and no answer at all.
    const crashing = await startHostileServer({
      what: '',
      turns: [{ bytes: Buffer.from('520000000800000007', 'hex') }],
    });
    const silent = await startHostileServer({ what: '', turns: [] });
    await prometheus.grows('signalbox_registry_job_deaths_total{kind="connection_test",reason="crashed"}', () =>
      test(crashing.port),
    );
    const tests = Array.from({ length: 20 }, () => test(silent.port));
    await prometheus.until('signalbox_registry_jobs{kind="connection_test",state="running"}', (running) => running > 0);
    await prometheus.until('signalbox_requests_at_work{class="long"}', (atWork) => atWork > 0);
    await prometheus.until('signalbox_requests_waiting{class="long"}', (waiting) => waiting > 0);
    for (const server of [crashing, silent]) server.close();
    expect((await Promise.all(tests)).map(({ ok }) => ok)).not.toContain(false);
    const ofDuckdb = { name: 'c', type: 'duckdb', duckdbConnection: {} };
    await prometheus.grows('signalbox_registry_jobs_refused_total{kind="duckdb"}', () =>
      Promise.all(Array.from({ length: 16 }, () => system.send('POST', '/api/v0/connections/test', ofDuckdb))),
    );
  });

  it.concurrent('of a dataplane: its state and reports, its operations, and its restart', async () => {
    await prometheus.until('signalbox_dataplanes{state="running"}', (count) => count === 1);
    await prometheus.until('signalbox_agent_channels', (count) => count > 0);
    await eventually(async () => (await system.get('/v1/dataplanes/main')).status === 200);
    const lock = new pg.Client({ connectionString: system.database.url });
    await lock.connect();
    await lock.query('CREATE TABLE public.locked (id integer)');
    await lock.query('BEGIN');
    await lock.query('LOCK TABLE public.locked');
    const operation = { kind: 'profile-table', schema: 'public', table: 'locked' };
    await prometheus.grows('signalbox_operations_open{state="running"}', () =>
      system.send('POST', '/v1/dataplanes/main/operations', operation),
    );
    await prometheus.until('signalbox_agent_running_operations', (count) => count === 1);
    await prometheus.grows('signalbox_restarts_open{state="draining"}', () => system.send('PUT', '/api/admin/restart'));
    await prometheus.until('signalbox_dataplanes{state="draining"}', (count) => count === 1);
    await prometheus.grows('signalbox_operation_duration_seconds_count{result="finished"}', () =>
      prometheus.grows('signalbox_restart_duration_seconds_count{result="healthy"}', () => lock.end()),
    );
    await prometheus.until('signalbox_restarts_open', (sum) => sum === 0);
    await prometheus.until('signalbox_restart_duration_seconds_sum', (seconds) => seconds > 0);
    dataplane.pause();
    await prometheus.until('signalbox_dataplane_oldest_report_age_seconds', (age) => age > 2);
    dataplane.continue();
    await prometheus.until('signalbox_dataplane_oldest_report_age_seconds', (age) => age < 2);
    expect(await prometheus.until('signalbox_dataplanes', (sum) => sum === 1)).toBe(1);
  });

  it.concurrent('of a stream whose owner has stopped', async () => {
    await prometheus.until('signalbox_stream_age_seconds{stream="datasources"}', (age) => age < 3);
    await system.service('datasource-sync').stop();
    await prometheus.until('signalbox_stream_age_seconds{stream="datasources"}', (age) => age > 3);
    await prometheus.until(
      'signalbox_component_status{component="datasources",status="unavailable"}',
      (is) => is === 1,
    );
    expect(await prometheus.until('signalbox_component_status{component="datasources"}', (sum) => sum === 1)).toBe(1);
  });

  it('of a broker that is slow, then disconnected, then connected again', async () => {
    const confirms = 'signalbox_publish_confirm_duration_seconds';
    const slow = `${confirms}_count - ignoring(le) ${confirms}_bucket{le="0.1",messaging_destination_name="signalbox.state"}`;
    await prometheus.grows(slow, () => {
      broker.proxy.delayMs = 200;
    });
    await prometheus.until('signalbox_broker_round_trip_seconds', (seconds) => seconds > 0.1);
    broker.proxy.delayMs = 0;
    broker.proxy.cut();
    broker.proxy.reset();
    await prometheus.until('signalbox_stream_in_step{service="gateway",stream="readers.0"}', (is) => is === 0);
    await prometheus.until('signalbox_canary_age_seconds', (age) => age > 2.5);
    await prometheus.grows('messaging_client_sent_messages_total{error_type="disconnected"}', () => undefined);
    await prometheus.grows('signalbox_outbox_messages{stream="gateway"}', () =>
      system.send('PUT', '/v1/tiers/other', { requests_per_hour: 1, burst_per_second: 1 }),
    );
    await prometheus.until('signalbox_outbox_oldest_age_seconds{stream="gateway"}', (age) => age > 1);
    // The stream of datasources has no owner now, so that a request for its snapshot reaches no queue.
    await prometheus.grows('messaging_client_sent_messages_total{service="gateway",error_type="unroutable"}', () =>
      prometheus.grows('signalbox_stream_resyncs_total{stream="registry",reason="bound"}', () =>
        broker.proxy.restore(),
      ),
    );
    await prometheus.until('signalbox_stream_in_step{service="gateway",stream="readers.0"}', (is) => is === 1);
    await prometheus.until('signalbox_outbox_messages{stream="gateway"}', (count) => count === 0);
    expect(await prometheus.until('signalbox_outbox_oldest_age_seconds{stream="gateway"}', (sum) => sum === 0)).toBe(0);
  });

  it('of a database that is slow, then does not answer', async () => {
    database.proxy.delayMs = 150;
    await prometheus.until('signalbox_database_round_trip_seconds{service="gateway"}', (seconds) => seconds > 0.1);
    database.proxy.delayMs = 0;
    database.proxy.cut();
    await prometheus.until('signalbox_limits_store_up', (up) => up === 0);
    const decided = (decision: string) => `signalbox_rate_limit_decisions_total{decision="${decision}"}`;
    await Promise.all([
      prometheus.grows(decided('uncounted'), () => system.get('/v1/status')),
      prometheus.grows(decided('unstored'), () => system.send('POST', '/v1/keys', { name: 'not made' })),
    ]);
    expect(await prometheus.until('signalbox_limits_store_up', (sum) => sum === 0)).toBe(0);
    database.proxy.restore();
    await prometheus.until('signalbox_limits_store_up', (up) => up === 1);
  });

  // After all that the tests before have made happen; one of them stops a service.
  it('of docs/operations.md exist, and its queries can be asked', async () => {
    const page = new DocumentedMetrics(readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8'));
    expect(page.names.length).toBeGreaterThan(30);
    await eventually(async () => {
      const present = await prometheus.query('count by (__name__) (last_over_time({__name__=~".+"}[15m]))');
      const names = new Set(present.map(({ metric }) => metric['__name__']));
      const missing = page.names.filter((name) => !names.has(name));
      if (missing.length > 0) throw new Error(`not there: ${missing.join()}`);
      return true;
    });
    expect(page.queries.length).toBeGreaterThan(15);
    for (const query of page.queries) {
      expect(page.undeclaredIn(query)).toEqual([]);
      await prometheus.query(query);
    }
    // An unknown name can be asked for, too.
    const mistaken = 'sum by (kind) (rate(signalbox_dead_letter_total{reson="x"}[5m])) > signalbox_limits_store_up';
    expect(page.undeclaredIn(mistaken)).toEqual(['signalbox_dead_letter_total', 'kind', 'reson']);
  });
});
