import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyFreePort } from '../support/free-port.js';
import { ScriptRun, checkout, processesNaming, until } from '../support/script-run.js';

interface ReaderStatus {
  status: Record<'live_readers' | 'loading_readers' | 'dead_readers', Record<string, unknown>>;
}

interface RegistryStatus {
  projects: { name: string; connections: unknown[]; packages: { name: string }[] }[];
  loadErrors: object[];
  operationalState: string;
}

const run = promisify(execFile);
/** The sample readers beat every 2 s: dead when silent for three beats and half a second; the rest is the machine's. */
const deathWithinMs = 30_000;

/** One run of Signalbox as people have it: each test continues where the one before it ended. */
describe('npm start', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-e2e-')));
  let port: number;
  let signalbox: ScriptRun;

  const start = (env: NodeJS.ProcessEnv = {}): ScriptRun => {
    const { DATABASE_URL: _, RABBITMQ_URL: __, npm_lifecycle_event: ___, ...outer } = process.env;
    return new ScriptRun([process.execPath, 'scripts/start.mjs'], {
      cwd: checkout,
      env: { ...outer, SIGNALBOX_HOME: home, PORT: String(port), ...env },
    });
  };
  const comesUp = (): Promise<void> => signalbox.prints('Ctrl-C stops everything.', 240_000);
  const pidOf = (name: string): number => Number(readFileSync(join(home, 'run', `${name}.pid`), 'utf8'));
  const status = async (): Promise<ReaderStatus['status']> => {
    const key = readFileSync(join(home, 'admin.key'), 'utf8').trim();
    const response = await fetch(`http://127.0.0.1:${port}/status`, { headers: { 'X-Api-Key': key } });
    return ((await response.json()) as ReaderStatus).status;
  };
  /** False too while the gateway cannot answer. */
  const isIn = (map: keyof ReaderStatus['status'], id: string): Promise<boolean> =>
    status()
      .then((maps) => id in maps[map])
      .catch(() => false);

  beforeAll(async () => {
    port = await anyFreePort();
    signalbox = start();
    await comesUp();
  }, 300_000);

  afterAll(async () => {
    signalbox.child.kill('SIGTERM');
    await signalbox.ended;
    await run(process.execPath, ['scripts/stop.mjs'], { cwd: checkout, env: { ...process.env, SIGNALBOX_HOME: home } });
    rmSync(home, { recursive: true, force: true });
  });

  it('prints lines that work as they are, from any folder', async () => {
    const lines = signalbox.output.match(/^ {2}curl .*$/gm) ?? [];
    expect(lines).toHaveLength(4);
    const [health, readers, key, restarted] = await Promise.all(
      lines.map(async (line) => JSON.parse((await run('bash', ['-c', line], { cwd: '/' })).stdout)),
    );
    expect(health).toBeTypeOf('object');
    expect(Object.keys(readers.status.live_readers).sort()).toEqual(['sample-embed-0', 'sample-llama-0']);
    expect(JSON.stringify(key)).toMatch(/sk_live_\w+/);
    expect(restarted).toBe(200);
  });

  it('restarts its dataplane when it is asked to, and follows that to its end', async () => {
    const key = readFileSync(join(home, 'admin.key'), 'utf8').trim();
    const call = async (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { 'X-Api-Key': key } });
    const health = async (): Promise<unknown> =>
      ((await (await call('/api/status')).json()) as { dataplane_healthcheck: unknown }).dataplane_healthcheck;
    // The line that was tried before has restarted it already.
    const restarts = async () =>
      ((await (await call('/v1/dataplanes/main')).json()) as { restarts: { state: string }[] }).restarts;
    await eventually(async () => (await restarts())[0]?.state === 'healthy');
    await eventually(async () => typeof (await health()) === 'object');
    const before = pidOf('dataplane-main');
    const response = await call('/api/admin/restart', { method: 'PUT' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    await eventually(async () => (await health()) === 'UNHEALTHY', { everyMs: 10 });
    const restart = (await (await call(`${response.headers.get('location')}?wait=60s`)).json()) as {
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
    expect(pidOf('dataplane-main')).not.toBe(before);
  });

  it('has two sample projects, and says of one package that it could not be loaded', async () => {
    const key = readFileSync(join(home, 'admin.key'), 'utf8').trim();
    const { projects, loadErrors } = await eventually(async () => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v0/status`, {
        headers: { authorization: `Bearer ${key}` },
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

  it('starts a service that is killed again', async () => {
    for (const name of ['reader-heartbeat', 'gateway']) {
      const before = pidOf(name);
      process.kill(before, 'SIGKILL');
      await signalbox.prints(`${name} is up again`, 60_000);
      expect(pidOf(name)).not.toBe(before);
    }
    await until(
      'both readers to be live again',
      async () => (await isIn('live_readers', 'sample-llama-0')) && isIn('live_readers', 'sample-embed-0'),
      60_000,
    );
  });

  it('refuses a second start and leaves the first alone', async () => {
    const pids = ['supervisor', 'gateway', 'rabbitmq', 'postgres'].map(pidOf);
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.output).toContain(`already running (pid ${signalbox.pid}, http://127.0.0.1:${port})`);
    expect(['supervisor', 'gateway', 'rabbitmq', 'postgres'].map(pidOf)).toEqual(pids);
  });

  it('names a taken port to a start with another home', async () => {
    const other = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-e2e-')));
    const second = start({ SIGNALBOX_HOME: other });
    expect(await second.ended).toBe(1);
    expect(second.output).toContain(`port ${port} is taken`);
    rmSync(other, { recursive: true, force: true });
  });

  it('shows the death of a reader, its return and its deregistration', async () => {
    const id = 'sample-llama-0';
    process.kill(pidOf(`reader-${id}`), 'SIGKILL');
    await until(`${id} to be dead`, () => isIn('dead_readers', id), deathWithinMs);
    await signalbox.prints(`npm run reader -- ${id}`);
    const env = { ...process.env, SIGNALBOX_HOME: home };
    const reader = new ScriptRun(['npm', 'run', 'reader', '--', id], { cwd: checkout, env });
    await until(`${id} to be live`, () => isIn('live_readers', id));
    expect(await isIn('dead_readers', id)).toBe(false);
    process.kill(pidOf(`reader-${id}`), 'SIGTERM');
    await reader.ended;
    await until(`${id} to be gone`, async () => !Object.values(await status()).some((map) => id in map));
  });

  it('starts again after it was killed itself, and cleans up what was left', async () => {
    const broker = pidOf('rabbitmq');
    await signalbox.stop('SIGKILL');
    signalbox = start();
    await comesUp();
    expect(signalbox.output).toContain('stopped what an earlier run left behind:');
    expect(pidOf('rabbitmq')).not.toBe(broker);
    expect(Object.keys((await status()).live_readers).sort()).toEqual(['sample-embed-0', 'sample-llama-0']);
  }, 120_000);

  it('leaves no process after it is stopped', async () => {
    expect(await signalbox.stop('SIGTERM')).toBe(0);
    expect(processesNaming(home)).toEqual([]);
  });
});
