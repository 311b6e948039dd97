export interface SessionOptions {
  readonly schema: string;
  /** Longest run of one statement, and longest pause inside a transaction; 0 = no bound. */
  readonly timeoutMs: number;
  /** The role as which statements run, where the user is another one. */
  readonly role?: string | undefined;
  /** False: a commit does not wait for the disk, and may be lost with the server. True by default. */
  readonly isDurable?: boolean;
}

/** Longest wait for a connection to be made. */
export const CONNECT_TIMEOUT_MS = 3_000;

/** Longest run of one statement of a service. */
export const STATEMENT_TIMEOUT_MS = 10_000;

/** Longest wait for the answer to a statement: longer than the server may take, so that it ends only where the server is lost. */
export const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

/**
 * Settings of a session as libpq's `options`, in force from its first statement. The server ends a transaction that pauses,
 * because it may hold the row of the stream, for which all other writers wait. With the keepalives the server notices within
 * seconds that the machine of a client is down or unreachable, and releases the locks of that client.
 */
export function sessionOptions({ schema, timeoutMs, role, isDurable = true }: SessionOptions): string {
  const settings = {
    search_path: checkedName(schema),
    statement_timeout: timeoutMs,
    idle_in_transaction_session_timeout: timeoutMs,
    tcp_keepalives_idle: 5,
    tcp_keepalives_interval: 2,
    tcp_keepalives_count: 3,
    ...(role !== undefined && { role: checkedName(role) }),
    ...(!isDurable && { synchronous_commit: 'off' }),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/** A name of a schema or a role that never needs quotes. @throws RangeError for any other */
export function checkedName(name: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name))
    throw new RangeError(`not a plain lower-case name: ${JSON.stringify(name)}`);
  return name;
}
