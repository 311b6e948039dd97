import { ConfigError, type Logger } from '@signalbox/platform';
import pg from 'pg';
import { DataSource, type DataSourceOptions, type Logger as TypeOrmLogger } from 'typeorm';
import { codeOf } from './postgres/database.errors.js';
import { CONNECT_TIMEOUT_MS, sessionOptions } from './postgres/session.js';

export interface MigrateOptions {
  readonly url: string;
  readonly schema: string;
  readonly migrations: NonNullable<DataSourceOptions['migrations']>;
  readonly applicationName: string;
  readonly logger: Logger;
}

/**
 * Creates the schema if it is missing, then runs the pending migrations, each in its own transaction. Of several processes that
 * start at once, one migrates and the others wait for it. A migration has no timeout.
 */
export async function migrate({ url, schema, migrations, applicationName, logger }: MigrateOptions): Promise<void> {
  const options = sessionOptions({ schema, timeoutMs: 0 });
  const session = new pg.Client({
    connectionString: url,
    application_name: `${applicationName} migrations`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options,
  });
  // A lost connection fails the next query; an error event without a listener would end the process.
  session.on('error', () => undefined);
  try {
    await session.connect();
    // Held until the session ends, so that a process that dies half-way does not keep it.
    await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`signalbox migrations ${schema}`]);
    await ensureSchema(session, schema);
    const source = new DataSource({
      type: 'postgres',
      url,
      schema,
      applicationName,
      migrations,
      logger: silent,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      poolErrorHandler: () => undefined,
      extra: { options },
    });
    await source.initialize();
    try {
      const ran = await source.runMigrations({ transaction: 'each' });
      if (ran.length > 0) logger.info({ schema, migrations: ran.map(({ name }) => name) }, 'migrated');
    } finally {
      await source.destroy();
    }
  } finally {
    await session.end().catch(() => undefined);
  }
}

/** What fails is thrown, also where it is only to wait: see `NotYet`. */
const silent: TypeOrmLogger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

async function ensureSchema(session: pg.Client, schema: string): Promise<void> {
  const { rowCount } = await session.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rowCount !== 0) return;
  try {
    await session.query(`CREATE SCHEMA ${schema}`);
  } catch (error) {
    if (codeOf(error) !== '42501') throw error;
    throw new ConfigError(`The database has no schema "${schema}", and the user of DATABASE_URL may not create it.`);
  }
}
