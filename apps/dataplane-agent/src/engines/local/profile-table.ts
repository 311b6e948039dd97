import pg from 'pg';

export interface ProfileTableOptions {
  readonly databaseUrl: string | undefined;
  readonly schema: string;
  readonly table: string;
  /** A relation that is larger on disk, with its indexes, is refused. */
  readonly maxFrameMb: number;
}

export interface ColumnProfile {
  readonly name: string;
  readonly type: string;
  readonly nulls: number;
  readonly distinct: number;
}

export interface TableProfile {
  readonly rows: number;
  /** On disk, with indexes and TOAST. */
  readonly bytes: number;
  readonly columns: readonly ColumnProfile[];
}

const MIB = 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;

/** Of one statement; it also ends a statement that an interrupted worker left running in the database. */
const STATEMENT_TIMEOUT_MS = 300_000;

/** The SQLSTATE for a type that has no equality operator, such as json. */
const UNDEFINED_FUNCTION = '42883';

/** A partitioned table is as large as its partitions; a view has no size, so that it could not be bounded. */
const RELATION = `
  SELECT c.oid, greatest(pg_total_relation_size(c.oid), (SELECT sum(pg_total_relation_size(part.relid)) FROM pg_partition_tree(c.oid) AS part)) AS bytes
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'm')`;

const COLUMNS = `
  SELECT attname AS name, format_type(atttypid, atttypmod) AS type
  FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum`;

/**
 * Counts the rows, nulls and distinct values of a table, in one read-only transaction.
 * @throws Error for people
 */
export async function profileTable({
  databaseUrl,
  schema,
  table,
  maxFrameMb,
}: ProfileTableOptions): Promise<TableProfile> {
  if (databaseUrl === undefined)
    throw new Error('no database is configured for this dataplane: set SIGNALBOX_AGENT_DATABASE_URL');
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'signalbox-dataplane-agent',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  // Without a listener the loss of the connection between two queries would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return await profile(client, { schema, table, maxFrameMb });
  } finally {
    await client.end();
  }
}

async function profile(
  client: pg.Client,
  { schema, table, maxFrameMb }: Omit<ProfileTableOptions, 'databaseUrl'>,
): Promise<TableProfile> {
  const found = await client.query<{ oid: number; bytes: string }>(RELATION, [schema, table]);
  const relation = found.rows[0];
  if (!relation) throw new Error(`there is no table ${schema}.${table}`);
  const bytes = Number(relation.bytes);
  if (bytes > maxFrameMb * MIB) {
    throw new Error(
      `${schema}.${table} has ${Math.ceil(bytes / MIB)} MiB, more than the ${maxFrameMb} MiB that may be read at once`,
    );
  }
  const from = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
  const { rows } = await client.query<{ rows: string }>(`SELECT count(*) AS rows FROM ${from}`);
  const { rows: attributes } = await client.query<{ name: string; type: string }>(COLUMNS, [relation.oid]);
  const columns: ColumnProfile[] = [];
  for (const { name, type } of attributes)
    columns.push({ name, type, ...(await countColumn(client, from, pg.escapeIdentifier(name))) });
  return { rows: Number(rows[0]?.rows), bytes, columns };
}

async function countColumn(
  client: pg.Client,
  from: string,
  column: string,
): Promise<{ nulls: number; distinct: number }> {
  const count = async (distinct: string): Promise<{ nulls: number; distinct: number }> => {
    const sql = `SELECT count(*) - count(${column}) AS nulls, count(DISTINCT ${distinct}) AS distinct FROM ${from}`;
    const { rows } = await client.query<{ nulls: string; distinct: string }>(sql);
    return { nulls: Number(rows[0]?.nulls), distinct: Number(rows[0]?.distinct) };
  };
  await client.query('SAVEPOINT this_column');
  try {
    return await count(column);
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNDEFINED_FUNCTION) throw error;
    await client.query('ROLLBACK TO SAVEPOINT this_column');
    return count(`${column}::text`);
  }
}
