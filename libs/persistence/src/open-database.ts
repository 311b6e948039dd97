import {
  Backoff,
  describeError,
  systemClock,
  valueNow,
  wait,
  type Changing,
  type Clock,
  type Logger,
} from '@signalbox/platform';
import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Database } from './database.js';
import { migrate, type MigrateOptions } from './migrate.js';
import { DatabaseProbe } from './postgres/database-probe.js';
import type { DedicatedConnectionOptions } from './postgres/dedicated-connection.js';
import { explainDatabaseError, isTemporary } from './postgres/database.errors.js';
import { NotYet } from './postgres/not-yet.error.js';
import { ReservedConnection } from './postgres/reserved-connection.js';
import { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, STATEMENT_TIMEOUT_MS, sessionOptions } from './postgres/session.js';

/** Longest wait for the answer to a ping. A pool of which all connections are in use does not show whether the database answers. */
const PING_TIMEOUT_MS = 3_000;

export interface DatabaseOptions {
  /** Each new connection uses that of now. */
  readonly url: Changing<string>;
  /** The service's own schema, lower case with `_`. It holds all its tables, also the table of its migrations. */
  readonly schema: string;
  readonly entities: NonNullable<DataSourceOptions['entities']>;
  readonly migrations: MigrateOptions['migrations'];
  readonly applicationName: string;
  readonly logger: Logger;
  /** Most connections at once: transactions and queries beyond that wait for a free one. */
  readonly poolSize: number;
  readonly clock?: Clock;
  /** Ends the wait for a database that is unavailable. */
  readonly signal?: AbortSignal;
}

/**
 * Waits until the database can be reached, migrates the schema and opens a pool. Waits, too, where a migration throws `NotYet`.
 *
 * Rejects with a ConfigError when the server refuses the user or the database does not exist, with the signal's reason
 * when that is aborted, and with the error of a migration that fails.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { logger, clock = systemClock } = options;
  const dataSource = await untilReachable(options, async () => {
    await migrate(options);
    return connect(options);
  });
  const { url, schema, applicationName } = options;
  const reservedFor = (use: string, how: Pick<DedicatedConnectionOptions, 'answerTimeoutMs' | 'isDurable'>) =>
    new ReservedConnection({ url, schema, applicationName: `${applicationName} ${use}`, ...how });
  const probe = new DatabaseProbe({
    connection: reservedFor('probe', { answerTimeoutMs: PING_TIMEOUT_MS }),
    clock,
    logger,
  });
  return new Database(dataSource, { probe, reserved: reservedFor('reserved', { isDurable: false }), clock });
}

/** A client with its own timeout for connecting. It would inherit the timeout of the pool, which is for the wait for a free connection. */
const pooledClient = (url: Changing<string>) =>
  class extends pg.Client {
    constructor(config: pg.ClientConfig) {
      super({ ...config, connectionString: valueNow(url), connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    }
  };

function connect({ url, schema, entities, applicationName, logger, poolSize }: DatabaseOptions): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: valueNow(url),
    schema,
    entities,
    applicationName,
    poolSize,
    // For the wait for a free connection. It is longer than any statement may take, so that a busy pool does not look like a database that is down.
    connectTimeoutMS: ANSWER_TIMEOUT_MS,
    poolErrorHandler: (error: unknown) =>
      logger.debug({ reason: describeError(error) }, 'idle database connection lost'),
    extra: {
      Client: pooledClient(url),
      options: sessionOptions({ schema, timeoutMs: STATEMENT_TIMEOUT_MS }),
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
    },
  });
  return dataSource.initialize();
}

async function untilReachable<Result>(options: DatabaseOptions, attempt: () => Promise<Result>): Promise<Result> {
  const { url, logger, clock = systemClock, signal } = options;
  const backoff = new Backoff({ minMs: 250, maxMs: 5_000 });
  let hasFailed = false;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const result = await attempt();
      if (hasFailed) logger.info('database reached');
      return result;
    } catch (error) {
      const mustWait = error instanceof NotYet;
      if (!mustWait && !isTemporary(error)) throw explainDatabaseError(error, valueNow(url));
      const reason = describeError(error);
      if (!hasFailed && mustWait) logger.info({ reason }, 'the schema cannot be migrated yet, waiting');
      else if (!hasFailed) logger.warn({ reason }, 'database cannot be reached, retrying');
      hasFailed = true;
    }
    await wait({ clock, ms: backoff.nextMs(), signal });
  }
}
