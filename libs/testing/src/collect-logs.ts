import { createLogger, type Logger } from '@signalbox/platform';

export interface CollectedLogs {
  logger: Logger;
  /** Every line so far, as it would have been written. */
  lines: Record<string, unknown>[];
}

/** A real logger, with the redaction of the real one, whose lines a test can look at. */
export function collectLogs(): CollectedLogs {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { logger: createLogger({ name: 'test', level: 'trace', destination }), lines };
}
