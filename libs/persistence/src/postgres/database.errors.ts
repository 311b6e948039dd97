import { ConfigError, describeError, redactUrl } from '@signalbox/platform';

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** SQLSTATE classes of temporary failures: connection lost, server starting or stopping, no resources left. */
const TEMPORARY_STATES = /^(08|53|57P0)/;
const TEMPORARY_MESSAGES = /timeout|terminated|not queryable/i;

/** TypeORM's errors for a connection that was lost while a transaction was using it. */
const LOST_RUNNER = new Set(['QueryRunnerAlreadyReleasedError', 'QueryRunnerProviderAlreadyReleasedError']);

/** SQLSTATE classes of a server that refuses the session: wrong user or password, no such database. */
const REFUSED_STATES = /^(28|3D)/;

/** Whether the failure is temporary: the database is not up yet, or the connection to it was lost. */
export function isTemporary(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined)
    return error instanceof Error && (LOST_RUNNER.has(error.name) || TEMPORARY_MESSAGES.test(error.message));
  return NETWORK_CODES.has(code) || TEMPORARY_STATES.test(code);
}

/** SQLSTATE classes of a busy server: statement timeout, lock not available, deadlock, serialization failure. */
const BUSY_STATES = /^(40|25P03|55P03|57014)/;

/** Whether the database is unavailable or too busy: nothing was changed, and a later attempt may succeed. */
export function isUnavailable(error: unknown): boolean {
  return isTemporary(error) || BUSY_STATES.test(codeOf(error) ?? '');
}

/** A ConfigError where DATABASE_URL must be corrected; any other error unchanged. */
export function explainDatabaseError(error: unknown, url: string): unknown {
  if (!REFUSED_STATES.test(codeOf(error) ?? '')) return error;
  return new ConfigError(`The database at ${redactUrl(url)} refuses the user of DATABASE_URL: ${describeError(error)}`);
}

/** SQLSTATE or Node error code. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
