import pg from 'pg';
import { checkedName, CONNECT_TIMEOUT_MS, sessionOptions } from './session.js';

/** What the role of a service may do in its schema, where it owns nothing there. */
export interface SchemaRights {
  /** Tables with fewer rights than SELECT, INSERT, UPDATE and DELETE. */
  readonly tables?: Readonly<Record<string, readonly ('SELECT' | 'INSERT' | 'UPDATE' | 'DELETE')[]>>;
  /** Functions that it may run. They have the rights of the owner, so they fix their search path. */
  readonly functions?: readonly string[];
}

export interface GrantOptions {
  readonly url: string;
  readonly schema: string;
  /** The owner, where the user of the URL is another one and may act as it. */
  readonly role?: string | undefined;
  readonly to: string;
  /** Roles that may do nothing there. Those of others, such as for reports, keep what they were given. */
  readonly notTo?: readonly string[];
  readonly rights?: SchemaRights | undefined;
}

const OF_ROWS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;
/** It says which migrations ran: a service that starts compares it with its own. */
const MIGRATIONS = 'migrations';

/**
 * Gives a role exactly its rights in a schema, in one transaction: on every table that is there, on sequences, and on the named functions.
 * Other rights that it had there end. PUBLIC may run no function. Without an effect for the owner itself.
 */
export async function grantRights({ url, schema, role, to, notTo = [], rights = {} }: GrantOptions): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'signalbox-rights',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: sessionOptions({ schema, timeoutMs: 0, role }),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows: owners } = await client.query('SELECT FROM pg_roles WHERE rolname = $1 AND rolname = current_user', [
      to,
    ]);
    if (owners.length > 0) return;
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p') ORDER BY 1`,
      [schema],
    );
    const statements = statementsFor({
      schema,
      to: pg.escapeIdentifier(to),
      notTo: notTo.map((other) => pg.escapeIdentifier(other)),
      tables: tables.map(({ name }) => name),
      rights,
    });
    // One statement text is one transaction.
    await client.query(statements.join(';\n'));
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Wanted {
  readonly schema: string;
  /** Escaped. */
  readonly to: string;
  readonly notTo: readonly string[];
  readonly tables: readonly string[];
  readonly rights: SchemaRights;
}

function statementsFor({ schema, to, notTo, tables, rights }: Wanted): string[] {
  const [allTables, sequences, functions] = ['TABLES', 'SEQUENCES', 'FUNCTIONS'].map(
    (kind) => `ALL ${kind} IN SCHEMA ${checkedName(schema)}`,
  );
  const rightsTo = (table: string): readonly string[] =>
    table === MIGRATIONS ? ['SELECT'] : (rights.tables?.[table] ?? OF_ROWS);
  const former = [to, ...notTo].join(', ');
  return [
    ...[allTables, sequences, functions, `SCHEMA ${schema}`].map((all) => `REVOKE ALL ON ${all} FROM ${former}`),
    `REVOKE ALL ON ${functions} FROM PUBLIC`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${to}`,
    `GRANT USAGE, SELECT ON ${sequences} TO ${to}`,
    ...tables.map((table) => `GRANT ${rightsTo(table).join(', ')} ON ${pg.escapeIdentifier(table)} TO ${to}`),
    ...(rights.functions ?? []).map((name) => `GRANT EXECUTE ON FUNCTION ${checkedName(name)} TO ${to}`),
  ];
}
