import { ConfigError, valueNow, type Changing, type Logger } from '@signalbox/platform';
import pg from 'pg';
import { DataSource, type Logger as TypeOrmLogger, type MigrationInterface } from 'typeorm';
import { codeOf } from './postgres/database.errors.js';
import { CONNECT_TIMEOUT_MS, sessionOptions } from './postgres/session.js';

export interface MigrateOptions {
  readonly url: Changing<string>;
  readonly schema: string;
  readonly migrations: readonly (new () => MigrationInterface)[];
  readonly applicationName: string;
  readonly logger: Logger;
  /** The role that is to own what the migrations create, where the user is another one and may act as it. */
  readonly role?: string;
}

/**
 * Creates the schema if it is missing, then runs the pending migrations, each in its own transaction. Of several processes that
 * start at once, one migrates and the others wait for it. A migration has no timeout.
 *
 * Where another role owns the schema, that role has to migrate: this only makes sure that no migration is pending.
 * @throws ConfigError where one is
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { url, schema, migrations, applicationName, logger, role } = options;
  const settings = sessionOptions({ schema, timeoutMs: 0, role });
  const session = new pg.Client({
    connectionString: valueNow(url),
    application_name: `${applicationName} migrations`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: settings,
  });
  // A lost connection fails the next query; an error event without a listener would end the process.
  session.on('error', () => undefined);
  try {
    await session.connect();
    // Held until the session ends, so that a process that dies half-way does not keep it.
    await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`signalbox migrations ${schema}`]);
    await ensureSchema(session, schema);
    const owner = await foreignOwner(session, schema);
    if (owner !== undefined)
      return await requireCurrent(session, { schema, owner, names: migrations.map((each) => new each().name!) });
    const source = new DataSource({
      type: 'postgres',
      url: valueNow(url),
      schema,
      applicationName,
      migrations: [...migrations],
      logger: silent,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      poolErrorHandler: () => undefined,
      extra: { options: settings },
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

/** Who owns the schema, where that is none of the roles that this session may act as. */
async function foreignOwner(session: pg.Client, schema: string): Promise<string | undefined> {
  const { rows } = await session.query<{ owner: string; is_own: boolean }>(
    `SELECT rolname AS owner, pg_has_role(nspowner, 'USAGE') AS is_own
     FROM pg_namespace JOIN pg_roles ON pg_roles.oid = nspowner WHERE nspname = $1`,
    [schema],
  );
  return rows[0]?.is_own === false ? rows[0].owner : undefined;
}

interface Expected {
  readonly schema: string;
  readonly owner: string;
  readonly names: readonly string[];
}

/** @throws ConfigError where a migration is pending */
async function requireCurrent(session: pg.Client, { schema, owner, names }: Expected): Promise<void> {
  const pending = new Set(names);
  try {
    const { rows } = await session.query<{ name: string }>(`SELECT name FROM ${schema}.migrations`);
    for (const { name } of rows) pending.delete(name);
  } catch (error) {
    // No table yet, or no right to read it.
    if (!['42P01', '42501'].includes(codeOf(error) ?? '')) throw error;
  }
  if (pending.size === 0) return;
  throw new ConfigError(
    `The schema "${schema}" belongs to ${owner} and is not current (${[...pending].join(', ')}). ` +
      'Stop all services, then prepare the database: `npm start` does it, and with Docker Compose the service `setup`.',
  );
}
