import pino from 'pino';
import { redactText } from './redact.js';
import { currentTrace } from './trace.js';

/** Structured JSON log lines: `logger.info({ reader_id }, 'reader is live')`. */
export type Logger = pino.Logger;

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LoggerOptions {
  /** Name of the service; every line carries it. */
  readonly name: string;
  readonly level: LogLevel;
  /** Where lines go; standard output unless given. */
  readonly destination?: pino.DestinationStream;
}

const SECRET_FIELDS = [
  'authorization',
  'Authorization',
  '["x-api-key"]',
  '["X-Api-Key"]',
  'cookie',
  'password',
  'token',
  'secret',
];

/** Each secret field at the top of a line and up to two objects deep (`req.headers.authorization`). */
const SECRET_PATHS = SECRET_FIELDS.flatMap((field) => {
  const nested = field.startsWith('[') ? field : `.${field}`;
  return [field, `*${nested}`, `*.*${nested}`];
});

/**
 * A pino logger. Secrets are removed twice: known fields by name, and whatever looks like a password in a URL or an API key
 * from the finished line. Of errors only type, message, stack and code are kept.
 */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  return pino(
    {
      name,
      level,
      redact: { paths: SECRET_PATHS, censor: '***' },
      serializers: { err: shownError },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: traceOfLine,
      hooks: { streamWrite: redactText },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

/** What one request led to is found in the logs of every service by this. */
function traceOfLine(): { trace_id?: string } {
  const trace = currentTrace();
  return trace ? { trace_id: trace.traceId } : {};
}

/** Of an error only what was written to be read: drivers hang queries and their parameters on theirs. */
function shownError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack, code } = pino.stdSerializers.err(error);
  return { type, message, stack, ...(code !== undefined && { code }) };
}
