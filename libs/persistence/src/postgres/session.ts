export interface SessionOptions {
  readonly schema: string;
  /** Longest run of one statement, and longest pause inside a transaction; 0 = no bound. */
  readonly timeoutMs: number;
}

/** Longest wait for a connection to be made. */
export const CONNECT_TIMEOUT_MS = 3_000;

/** Longest run of one statement of a service. */
export const STATEMENT_TIMEOUT_MS = 10_000;

/** How long we wait for an answer: longer than the server may take, so that only a lost server is given up here. */
export const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

/**
 * Settings of a session as libpq's `options`, in force from its first statement. A transaction that pauses is ended by the
 * server since it may hold the stream's row, for which every other writer waits; the keepalives make the server notice within
 * seconds that a client's machine is gone, so that the locks of a lost owner do not outlive it.
 */
export function sessionOptions({ schema, timeoutMs }: SessionOptions): string {
  const settings = {
    search_path: checkedSchema(schema),
    statement_timeout: timeoutMs,
    idle_in_transaction_session_timeout: timeoutMs,
    tcp_keepalives_idle: 5,
    tcp_keepalives_interval: 2,
    tcp_keepalives_count: 3,
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/** A schema name that needs no quotes anywhere. Throws a RangeError for any other. */
export function checkedSchema(schema: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new RangeError(`not a plain lower-case schema name: ${JSON.stringify(schema)}`);
  return schema;
}
