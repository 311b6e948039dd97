import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { cleanEnvironment } from '../config.js';
import { LocalInfraError } from '../local-infra.error.js';
import { requireDiskSpace } from '../processes/disk-space.js';
import { requirePort } from '../processes/require-port.js';
import { refuseSecondServer } from '../processes/server-home.js';
import { launch, type LaunchedProcess, type ServerProcess } from '../processes/server-process.js';
import { waitForStart } from '../processes/wait-for-start.js';
import type { OnProgress } from '../progress.js';
import { postgresUrl } from '../urls.js';
import { createDataFolder, isReadyByItsFile, removeForeignLock, SUPERUSER } from './data-folder.js';
import { findPostgres } from './find-postgres.js';
import { chooseUser } from './run-as.js';

export interface PostgresOptions {
  /** Absolute path of this server's folder, with the data in `data`. Created if missing. */
  home: string;
  logFile: string;
  /** Default: a free one. */
  port?: number;
  /** Set at the first start; later starts need the same one. */
  superuserPassword: string;
  /** Server settings that replace the defaults, for example `{ fsync: 'off' }` in tests. */
  settings?: Record<string, string>;
  /** Default 60 s. */
  startDeadlineMs?: number;
  onProgress?: OnProgress;
}

export interface PostgresServer extends ServerProcess {
  port: number;
  /** Default database: `postgres`. */
  superuserUrl(database?: string): string;
}

const LABEL = 'Postgres';

const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  wal_level: 'logical',
  // A datasource that is followed needs one of each.
  max_replication_slots: '20',
  max_wal_senders: '20',
  max_connections: '200',
  shared_buffers: '32MB',
  max_wal_size: '256MB',
  log_connections: '0',
};

/** How long workers of a killed server may hold its shared memory before a new one can start. */
const OLD_WORKERS_MS = 10_000;

/** A private Postgres server on 127.0.0.1. Its data are created at the first start. Throws {@link LocalInfraError}. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { home, logFile, superuserPassword, startDeadlineMs = 60_000, onProgress } = options;
  const installation = await findPostgres();
  if (!installation) {
    throw new LocalInfraError(
      'not-installed',
      `No Postgres programs found for ${process.platform}-${process.arch}. Install PostgreSQL 14 or newer.`,
    );
  }
  await mkdir(home, { recursive: true, mode: 0o711 });
  await chmod(home, 0o711); // the server's user must pass through; the data folder itself has mode 0700
  refuseSecondServer(LABEL, home);
  await requireDiskSpace(LABEL, home, 256);

  const data = path.join(home, 'data');
  const settings = { ...SETTINGS, ...options.settings };
  const runAs = await chooseUser(installation, home, data);
  if (!existsSync(data)) {
    onProgress?.('making the data folder of Postgres');
    await createDataFolder({
      initdb: installation.initdb,
      home,
      data,
      superuserPassword,
      runAs,
      durable: settings['fsync'] !== 'off',
    });
  }
  await removeForeignLock(data);

  const port = await requirePort(LABEL, options.port);
  const superuserUrl = (database = 'postgres'): string =>
    postgresUrl({ port, user: SUPERUSER, password: superuserPassword, database });
  const flags = Object.entries({ ...settings, port: String(port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const start = async (): Promise<LaunchedProcess> => {
    const server = await launch({
      label: LABEL,
      home,
      logFile,
      ...runAs.wrap(installation.postgres, ['-D', data, ...flags]),
      env: cleanEnvironment({}),
      user: runAs.user,
      stop: { signal: 'SIGINT', graceMs: 10_000 },
    });
    await waitForStart(server, {
      label: LABEL,
      logFile,
      deadlineMs: startDeadlineMs,
      isReady: async () => (await isReadyByItsFile(data)) && answers(superuserUrl(), data),
    });
    return server;
  };
  onProgress?.('starting Postgres');
  const { pid, startedAt, host, exited, stop, kill, pause, resume } = await startAfterOldWorkers(start);
  return { pid, startedAt, host, exited, stop, kill, pause, resume, port, superuserUrl };
}

/** After a kill -9 the workers of the previous server may still run for a moment, and Postgres refuses to start. */
async function startAfterOldWorkers(start: () => Promise<LaunchedProcess>): Promise<LaunchedProcess> {
  const deadline = performance.now() + OLD_WORKERS_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const old = error instanceof LocalInfraError && error.message.includes('pre-existing shared memory block');
      if (!old || performance.now() >= deadline) throw error;
      await delay(200);
    }
  }
}

/** Whether the server answers this superuser's queries. Throws if the data were created with another password. */
async function answers(url: string, data: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  client.on('error', () => {}); // the server may exit while connected; the caller learns it from `exited`
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') return false;
    throw new LocalInfraError(
      'start-failed',
      `The data in ${data} were created with another password. Restore credentials.json, or remove ${path.dirname(data)}.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}
