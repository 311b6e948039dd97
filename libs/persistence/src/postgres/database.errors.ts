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

/** SQLSTATE classes that pass by themselves: connection lost, server starting or stopping, no resources left. */
const PASSING_STATES = /^(08|53|57P0)/;
const PASSING_MESSAGES = /timeout|terminated|not queryable/i;

/** How TypeORM speaks of a connection that went while a transaction was using it. */
const LOST_RUNNER = new Set(['QueryRunnerAlreadyReleasedError', 'QueryRunnerProviderAlreadyReleasedError']);

/** SQLSTATE of a server that answers but will not have us: wrong user or password, no such database. */
const REFUSED_STATES = /^(28|3D)/;

/** Whether trying again later may help: the database is not there yet, or not there just now. */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined)
    return error instanceof Error && (LOST_RUNNER.has(error.name) || PASSING_MESSAGES.test(error.message));
  return NETWORK_CODES.has(code) || PASSING_STATES.test(code);
}

/** A server that answers, and could not do it in time or beside what others do: cancelled by the statement timeout, no lock, a deadlock. */
const BUSY_STATES = /^(40|25P03|55P03|57014)/;

/** Whether the database is away or too busy just now: nothing was changed, and the same may go well later. */
export function isUnavailable(error: unknown): boolean {
  return isPassing(error) || BUSY_STATES.test(codeOf(error) ?? '');
}

/** An error for the person who set DATABASE_URL, where it is theirs to put right; any other error unchanged. */
export function explainDatabaseError(error: unknown, url: string): unknown {
  if (!REFUSED_STATES.test(codeOf(error) ?? '')) return error;
  return new ConfigError(`The database at ${redactUrl(url)} refuses the user of DATABASE_URL: ${describeError(error)}`);
}

/** SQLSTATE or Node error code. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
