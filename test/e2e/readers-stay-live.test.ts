import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeathWatch, FiftyReaders } from '../support/fifty-readers.js';
import { anyFreePort } from '../support/free-port.js';
import { ScriptRun, checkout, until } from '../support/script-run.js';

const SERVICES = ['reader-heartbeat', 'gateway', 'registry', 'dataplane-control', 'datasource-sync'];
/** How long the broker is down or paused; the readers' leases are 3.5 s. */
const OUTAGE_MS = 20_000;

interface Maps {
  live_readers: Record<string, unknown>;
  dead_readers: Record<string, unknown>;
  last_heartbeat: Record<string, { heartbeat_timestamp: number }>;
}

/** Signalbox started by `npm start`, with fifty readers that publish every second. No failure of Signalbox makes one of them dead. */
describe('fifty readers', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-e2e-')));
  let port: number;
  let signalbox: ScriptRun;
  let readers: FiftyReaders;
  let watch: DeathWatch;

  const pidOf = (name: string): number => Number(readFileSync(join(home, 'run', `${name}.pid`), 'utf8'));
  /** Sends a signal to a process and waits until its successor is up. */
  const replaced = async (name: string, signal: NodeJS.Signals): Promise<void> => {
    const printed = signalbox.output.length;
    const before = pidOf(name);
    process.kill(before, signal);
    await until(
      `${name} to be up again`,
      () => signalbox.output.slice(printed).includes(`${name} is up again`),
      90_000,
    );
    expect(pidOf(name)).not.toBe(before);
  };
  const logsOf = (name: string): string =>
    readdirSync(join(home, 'log'))
      .filter((file) => file.startsWith(name))
      .map((file) => readFileSync(join(home, 'log', file), 'utf8'))
      .join('');
  const maps = async (): Promise<Maps | null> => {
    const key = readFileSync(join(home, 'admin.key'), 'utf8').trim();
    const response = await fetch(`http://127.0.0.1:${port}/status`, {
      headers: { 'x-api-key': key },
      signal: AbortSignal.timeout(5_000),
    });
    return ((await response.json()) as { status: Maps | null }).status;
  };
  /** Waits until a heartbeat of every reader was received that was sent more than one lease after now. */
  const receivedAgain = async (): Promise<void> => {
    const from = Date.now() / 1_000 + 4.5;
    await until(
      'heartbeats of all readers',
      async () => {
        const status = await maps().catch(() => null);
        return readers.ids.every(
          (id) => id in (status?.live_readers ?? {}) && (status?.last_heartbeat[id]?.heartbeat_timestamp ?? 0) > from,
        );
      },
      60_000,
    );
  };

  beforeAll(async () => {
    port = await anyFreePort();
    const { DATABASE_URL: _, RABBITMQ_URL: __, npm_lifecycle_event: ___, ...outer } = process.env;
    signalbox = new ScriptRun([process.execPath, 'scripts/start.mjs'], {
      cwd: checkout,
      env: { ...outer, SIGNALBOX_HOME: home, PORT: String(port) },
    });
    await signalbox.prints('Ctrl-C stops everything.', 240_000);
    readers = new FiftyReaders(readerUrl(home));
    watch = new DeathWatch(maps);
    await receivedAgain();
  }, 300_000);

  afterAll(async () => {
    await watch?.stop();
    await readers?.stop();
    signalbox.child.kill('SIGTERM');
    await signalbox.ended;
    await promisify(execFile)(process.execPath, ['scripts/stop.mjs'], {
      cwd: checkout,
      env: { ...process.env, SIGNALBOX_HOME: home },
    });
    rmSync(home, { recursive: true, force: true });
  });

  /** The readers that were ever declared dead: in an answer of the gateway or in the log of reader-heartbeat. */
  const declaredDead = (): string[] => [
    ...watch.dead,
    ...(logsOf('reader-heartbeat').match(/.*reader declared dead.*/g) ?? []),
  ];

  it.each(SERVICES)(
    'stay live while %s is killed and restarts',
    async (service) => {
      await replaced(service, 'SIGKILL');
      await receivedAgain();
      expect(declaredDead()).toEqual([]);
    },
    120_000,
  );

  it('stay live while the broker is stopped for 20 s and restarts', async () => {
    const brokerPort = Number(new URL(readerUrl(home)).port);
    const until = Date.now() + OUTAGE_MS;
    const back = replaced('rabbitmq', 'SIGTERM');
    // The broker cannot start while another process has its port.
    const squatter = await holdPort(brokerPort);
    await sleep(until - Date.now());
    await squatter[Symbol.asyncDispose]();
    await back;
    await receivedAgain();
    expect(declaredDead()).toEqual([]);
  }, 180_000);

  it('stay live while the broker is paused for 20 s', async () => {
    process.kill(pidOf('rabbitmq'), 'SIGSTOP');
    await sleep(OUTAGE_MS);
    process.kill(pidOf('rabbitmq'), 'SIGCONT');
    await receivedAgain();
    expect(declaredDead()).toEqual([]);
    expect(watch.answers).toBeGreaterThan(100);
  }, 180_000);
});

/** The URL by which readers connect to the broker of this run. */
function readerUrl(home: string): string {
  const url = /^(?:export )?READER_RABBITMQ_URL=(['"]?)(.+)\1$/m.exec(
    readFileSync(join(home, 'connection.env'), 'utf8'),
  )?.[2];
  if (url === undefined) throw new Error('connection.env of npm start has no READER_RABBITMQ_URL');
  return url;
}

/** Listens on a port as soon as it is free, and closes every connection. */
async function holdPort(port: number): Promise<AsyncDisposable> {
  const server = await eventually(async () => {
    const trying = createServer((socket) => socket.destroy());
    await once(trying.listen(port, '127.0.0.1'), 'listening');
    return trying;
  });
  return { [Symbol.asyncDispose]: () => promisify(server.close.bind(server))() };
}
