import pino from 'pino';
import { redactText } from './redact.js';
import { currentTrace } from './trace.js';

/** Structured JSON log lines: `logger.info({ reader_id }, 'reader is live')`. */
export type Logger = pino.Logger;

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LoggerOptions {
  /** Name of the service, a field of each line. */
  readonly name: string;
  readonly level: LogLevel;
  /** Destination of the lines; default: standard output. */
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
 * Creates a pino logger. Secrets are removed twice: known fields by name, then passwords in URLs and API keys in the finished
 * line. Only type, message, stack and code of an error are logged.
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

/** The trace id finds the lines of one request in the logs of all services. */
function traceOfLine(): { trace_id?: string } {
  const trace = currentTrace();
  return trace ? { trace_id: trace.traceId } : {};
}

/** Drops the other members of an error: drivers add queries and their parameters to their errors. */
function shownError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack, code } = pino.stdSerializers.err(error);
  return { type, message, stack, ...(code !== undefined && { code }) };
}
