import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DatasourceDetail } from '@signalbox/contracts/http';
import { freePort } from '@signalbox/local-infra';
import { eventually, testPackages } from '@signalbox/testing';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { NpmStart } from '../support/npm-start.js';
import { checkMetrics, Prometheus } from '../support/prometheus.js';
import { ScriptRun, checkout, processesNaming, until } from '../support/script-run.js';
import { fiftyReadersStayLive } from './fifty-readers-stay-live.js';

interface RegistryStatus {
  projects: { name: string; connections: unknown[]; packages: { name: string }[] }[];
  loadErrors: object[];
  operationalState: string;
}

const run = promisify(execFile);
const PROCESSES = [
  'gateway',
  'registry',
  'reader-heartbeat',
  'dataplane-control',
  'datasource-sync',
  'journal',
  'dataplane-main',
];
const SAMPLE_READERS = ['sample-embed-0', 'sample-llama-0'];
/** The sample readers publish every 2 s and are dead after 6.5 s of silence; the rest allows for a slow machine. */
const deathWithinMs = 30_000;

/** Publishes an empty message as a client would. @returns `confirmed`, or the reason of the broker */
async function publish(url: string, exchange: string, routingKey: string): Promise<string> {
  try {
    const connection = await connect(url);
    try {
      const channel = await connection.createConfirmChannel();
      const refusal = new Promise<never>((_, reject) => channel.once('error', reject));
      channel.publish(exchange, routingKey, Buffer.from('[]'));
      await Promise.race([channel.waitForConfirms(), refusal]);
      return 'confirmed';
    } finally {
      await connection.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

/** One run of `npm start`. Each test continues in the state that the one before it left. */
describe('npm start', () => {
  let signalbox: NpmStart;

  beforeAll(async () => {
    signalbox = await NpmStart.start();
  }, 300_000);
  afterAll(() => signalbox?.remove());

  it('logs no warning, error or stack in a first start', () => {
    const lines = readdirSync(join(signalbox.home, 'log')).flatMap((file) =>
      readFileSync(join(signalbox.home, 'log', file), 'utf8')
        .split('\n')
        .map((line) => `${file}: ${line}`),
    );
    const bad =
      /"level":"(warn|error|fatal)"|\[(warning|error|critical)\]|\b(WARNING|ERROR|FATAL|PANIC):|^\S+ {4,}at |crash/;
    // RabbitMQ says this of every new virtual host, and of a management API without statistics.
    const usual = /rebuilding indices from scratch|Metrics collection disabled/;
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => bad.test(line) && !usual.test(line))).toEqual([]);
    expect(signalbox.run.output).not.toMatch(/^!/m);
  });

  it('gives each process its own passwords, and the dataplane agent no role of a service', () => {
    const { postgresSuperuser, databaseRoles, amqpUsers } = JSON.parse(
      readFileSync(join(signalbox.home, 'credentials.json'), 'utf8'),
    ) as { postgresSuperuser: string; databaseRoles: Record<string, string>; amqpUsers: Record<string, string> };
    const { reader, agent } = signalbox.sampleKeys;
    const secrets = [
      ['key reader', reader.key],
      ['key agent', agent.key],
      ['superuser', postgresSuperuser],
      ...Object.entries(databaseRoles).map(([name, secret]) => [`role ${name}`, secret]),
      ...Object.entries(amqpUsers).map(([name, secret]) => [`user ${name}`, secret]),
    ] as [string, string][];
    const heldBy = (name: string): string[] => {
      const environment = readFileSync(`/proc/${signalbox.pidOf(name)}/environ`, 'utf8');
      return secrets.filter(([, secret]) => environment.includes(secret)).map(([what]) => what);
    };
    const services = PROCESSES.filter((name) => name !== 'dataplane-main');
    expect(Object.fromEntries(services.map((name) => [name, heldBy(name)]))).toEqual(
      Object.fromEntries(services.map((name) => [name, [`role ${name}`, `user ${name}`]])),
    );
    expect(heldBy('dataplane-main')).toEqual(['key agent']);
    for (const id of SAMPLE_READERS) expect(heldBy(`reader-${id}`)).toEqual(['key reader']);
    expect(statSync(join(signalbox.home, 'sample-keys.json')).mode & 0o777).toBe(0o600);
  });

  it('lets a reader key publish heartbeats of its own readers, and nothing else', async () => {
    const made = await fetch(`http://127.0.0.1:${signalbox.port}/v1/keys`, {
      method: 'POST',
      headers: { 'X-Api-Key': signalbox.adminKey, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'some readers', kind: 'reader', readers: 'mine-*' }),
    });
    const { id, key } = (await made.json()) as { id: string; key: string };
    const url = Object.assign(new URL(signalbox.readerUrl), { username: id, password: key });
    const heartbeats = 'signalbox.heartbeats';
    expect(await publish(signalbox.readerUrl, heartbeats, 'of-another')).toBe('confirmed');
    expect(await publish(signalbox.readerUrl, 'signalbox.reports', 'dataplane.main')).toContain('ACCESS_REFUSED');
    expect(await publish(url.href, heartbeats, 'mine-1')).toBe('confirmed');
    expect(await publish(url.href, heartbeats, 'of-another')).toContain('ACCESS_REFUSED');
    expect((await signalbox.call(`/v1/keys/${id}`, { method: 'DELETE' })).status).toBe(204);
    // RabbitMQ keeps an answer for a second.
    await expect.poll(() => publish(url.href, heartbeats, 'mine-1'), { timeout: 30_000 }).toContain('ACCESS_REFUSED');
  });

  it('lets the dataplane look at the sample shop, which is all that its agent may read', async () => {
    const started = await fetch(`http://127.0.0.1:${signalbox.port}/v1/dataplanes/main/operations`, {
      method: 'POST',
      headers: { 'X-Api-Key': signalbox.adminKey, 'Content-Type': 'application/json' },
      body: JSON.stringify({ kind: 'profile-table', table: 'orders' }),
    });
    const { id } = (await started.json()) as { id: string };
    const operation = async () =>
      (await (await signalbox.call(`/v1/dataplanes/main/operations/${id}`)).json()) as { state: string };
    await expect.poll(async () => (await operation()).state, { timeout: 30_000 }).toBe('finished');
  });

  it('has the topology that is declared, as npm run topology shows', async () => {
    const env = { ...process.env, RABBITMQ_URL: '', SIGNALBOX_HOME: signalbox.home };
    const command = [process.execPath, 'scripts/topology.mjs', '--live'];
    const topology = new ScriptRun(command, { cwd: checkout, env });
    expect([await topology.ended, topology.output]).toEqual([0, expect.stringContaining('missing (0)')]);
    expect(topology.output).toMatch(/dataplane\.main\.control +0 messages, [01] consumer/);
    expect(topology.output).not.toContain('not known to Signalbox');
  }, 180_000);

  it('prints curl lines that work in any folder', async () => {
    const lines = signalbox.run.output.match(/^ {2}curl .*$/gm) ?? [];
    expect(lines).toHaveLength(5);
    const [health, readers, datasources, key, restarted] = await Promise.all(
      lines.map(async (line) => JSON.parse((await run('bash', ['-c', line], { cwd: '/' })).stdout)),
    );
    expect(health).toBeTypeOf('object');
    expect(Object.keys(readers.status.live_readers).sort()).toEqual(SAMPLE_READERS);
    const kinds = datasources.data.map(({ connection, status }: Record<string, unknown>) => [connection, status]);
    expect(kinds.sort()).toEqual([
      ['direct', 'active'],
      ['endpoint', 'active'],
    ]);
    expect(JSON.stringify(key)).toMatch(/sk_live_\w+/);
    expect(restarted).toBe(200);
  });

  it('follows a sample database and polls a sample endpoint, which both change', async () => {
    const json = async (path: string) => (await signalbox.call(path)).json();
    const { data } = (await json('/v1/datasources')) as { data: { id: string }[] };
    const newest = () =>
      Promise.all(
        data.map(async ({ id }) => {
          const detail = (await json(`/v1/datasources/${id}/detail`)) as DatasourceDetail;
          return ['streaming', 'polling'].includes(detail.sync.state) ? detail.freshness.newest_change_at : null;
        }),
      );
    const before = await newest();
    expect(before).toHaveLength(2);
    await eventually(async () => (await newest()).every((at, index) => at !== null && at > (before[index] ?? 0)));
  });

  it('runs the gateway from the code that was compiled with its bundle', () => {
    // Node.js warns where it has to compile the bundle.
    expect(signalbox.logsOf('gateway')).not.toContain('ExperimentalWarning');
  });

  it('restarts its dataplane on request, and reports the restart until it is healthy', async () => {
    const health = async (): Promise<unknown> =>
      ((await (await signalbox.call('/api/status')).json()) as { dataplane_healthcheck: unknown })
        .dataplane_healthcheck;
    // The line that was tried before has restarted it already.
    const restarts = async () =>
      ((await (await signalbox.call('/v1/dataplanes/main')).json()) as { restarts: { state: string }[] }).restarts;
    await eventually(async () => (await restarts())[0]?.state === 'healthy');
    await eventually(async () => typeof (await health()) === 'object');
    const before = signalbox.pidOf('dataplane-main');
    const response = await signalbox.call('/api/admin/restart', { method: 'PUT' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    await eventually(async () => (await health()) === 'UNHEALTHY', { everyMs: 10 });
    const restart = (await (
      await signalbox.call(`${response.headers.get('location')}?wait=60s`, { signal: null })
    ).json()) as {
      state: string;
      timeline: { state: string }[];
    };
    expect(restart.state).toBe('healthy');
    expect(restart.timeline.map(({ state }) => state)).toEqual([
      'sent',
      'acknowledged',
      'draining',
      'down',
      'up',
      'healthy',
    ]);
    expect(await health()).toMatchObject({ spark_version: 'none' });
    expect(signalbox.pidOf('dataplane-main')).not.toBe(before);
    expect(signalbox.run.output).toContain('↻ dataplane-main ended as requested');
    expect(signalbox.run.output).not.toContain('! dataplane-main');
  });

  it('has metrics in all six processes, which Prometheus reads', async () => {
    await testPackages();
    const ports = PROCESSES.map((name) => signalbox.managementPortOf(name));
    expect(await Promise.all(ports.map(checkMetrics))).toEqual(PROCESSES.map(() => ''));
    const prometheus = await Prometheus.start(ports);
    onTestFinished(() => prometheus.stop());
    await prometheus.until('up', (sum) => sum === PROCESSES.length);
    await prometheus.until('signalbox_readers{state="live"}', (count) => count === SAMPLE_READERS.length);
    await prometheus.until('signalbox_restart_duration_seconds_count{result="healthy"}', (count) => count === 2);
    await prometheus.until('signalbox_registry_resources{kind="package",state="failed"}', (count) => count === 1);
    await prometheus.until('signalbox_component_status{status="operational"}', (count) => count > 0);
  }, 620_000);

  it('has two sample projects and one load error', async () => {
    const { projects, loadErrors } = await eventually(async () => {
      const response = await fetch(`http://127.0.0.1:${signalbox.port}/api/v0/status`, {
        headers: { authorization: `Bearer ${signalbox.adminKey}` },
      });
      const status = (await response.json()) as RegistryStatus;
      return status.operationalState === 'serving' ? status : undefined;
    });
    expect(
      projects.map(({ name, connections, packages }) => [name, connections.length, packages.map((each) => each.name)]),
    ).toEqual([
      ['logistics', 1, ['stock']],
      ['shop', 2, ['customers', 'orders']],
    ]);
    expect(loadErrors).toEqual([
      {
        project: 'logistics',
        package: 'unfinished',
        message: 'There is no publisher.json in it.',
        at: expect.any(Number) as unknown,
      },
    ]);
  });

  fiftyReadersStayLive(() => signalbox);

  it('shows the sample readers live after the outages', async () => {
    for (const id of SAMPLE_READERS)
      await expect.poll(() => signalbox.shows('live_readers', id), { timeout: 60_000 }).toBe(true);
  });

  it('refuses a second start and leaves the first alone', async () => {
    const pids = () => ['supervisor', 'gateway', 'rabbitmq', 'postgres'].map((name) => signalbox.pidOf(name));
    const before = pids();
    const second = signalbox.another();
    expect(await second.ended).toBe(1);
    expect(second.output).toContain(`already running (pid ${signalbox.run.pid}, http://127.0.0.1:${signalbox.port})`);
    expect(pids()).toEqual(before);
  });

  it('names a taken port to a start with another home', async () => {
    const other = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-e2e-')));
    const second = signalbox.another({ SIGNALBOX_HOME: other });
    expect(await second.ended).toBe(1);
    expect(second.output).toContain(`port ${signalbox.port} is taken`);
    rmSync(other, { recursive: true, force: true });
  });

  it('refuses a home that RabbitMQ cannot use before it starts anything', async () => {
    const other = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-e2e-#')));
    onTestFinished(() => rmSync(other, { recursive: true }));
    const second = signalbox.another({ SIGNALBOX_HOME: other, PORT: String(await freePort()) });
    expect(await second.ended).toBe(1);
    expect(second.output).toContain('the path contains "#". Set SIGNALBOX_HOME to');
    expect(second.output).not.toContain('Postgres');
    expect(existsSync(join(other, 'postgres'))).toBe(false);
  });

  it('shows a reader dead after SIGKILL, live after its restart, and no longer after its deregistration', async () => {
    const id = 'sample-llama-0';
    process.kill(signalbox.pidOf(`reader-${id}`), 'SIGKILL');
    await until(`${id} to be dead`, () => signalbox.shows('dead_readers', id), deathWithinMs);
    await signalbox.run.prints(`npm run reader -- ${id}`);
    const env = { ...process.env, SIGNALBOX_HOME: signalbox.home };
    const reader = new ScriptRun(['npm', 'run', 'reader', '--', id], { cwd: checkout, env });
    await until(`${id} to be live`, () => signalbox.shows('live_readers', id));
    expect(await signalbox.shows('dead_readers', id)).toBe(false);
    process.kill(signalbox.pidOf(`reader-${id}`), 'SIGTERM');
    await reader.ended;
    const isGone = async (): Promise<boolean> => {
      const maps = await signalbox.readers();
      return maps !== null && !Object.values(maps).some((map) => id in map);
    };
    await until(`${id} to be gone`, isGone);
  });

  it('starts after a SIGKILL of the supervisor, and stops the processes that were left', async () => {
    const broker = signalbox.pidOf('rabbitmq');
    const { reader, agent } = signalbox.sampleKeys;
    expect((await signalbox.call(`/v1/keys/${agent.id}`, { method: 'DELETE' })).status).toBe(204);
    await signalbox.run.stop('SIGKILL');
    await signalbox.startAgain();
    expect(signalbox.run.output).toContain('stopped what an earlier run left behind:');
    expect(signalbox.pidOf('rabbitmq')).not.toBe(broker);
    expect(Object.keys((await signalbox.readers())?.live_readers ?? {}).sort()).toEqual(SAMPLE_READERS);
    // Only the key that was revoked is replaced.
    expect(signalbox.sampleKeys.reader).toEqual(reader);
    expect(signalbox.sampleKeys.agent.id).not.toBe(agent.id);
  }, 120_000);

  it('leaves no process and no record of one after it is stopped', async () => {
    expect(await signalbox.run.stop('SIGTERM')).toBe(0);
    expect(processesNaming(signalbox.home)).toEqual([]);
    expect(readdirSync(join(signalbox.home, 'run'))).toEqual([]);
  });
});
