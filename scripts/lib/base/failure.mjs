// @ts-check
import { readFileSync, statSync } from 'node:fs';

/** An expected failure: what went wrong in one sentence, where its log is and what the person can do about it. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {{ logFile?: string, logFrom?: number, wayOut?: string, cause?: unknown }} [details] `logFrom`: bytes of the log that are of earlier runs
   */
  constructor(message, { logFile, logFrom = 0, wayOut, cause } = {}) {
    super(message, { cause });
    this.name = 'Failure';
    this.logFile = logFile;
    this.logFrom = logFrom;
    this.wayOut = wayOut;
  }
}

/**
 * What a person reads about an error: the sentence, the end of its log, the log's path and the way out.
 * An unexpected error keeps its stack, since nothing else describes it.
 * @param {unknown} error
 * @returns {string}
 */
export function describeFailure(error) {
  if (!(error instanceof Failure))
    return `✗ ${isAboutTheSystem(error) ? error.message : error instanceof Error ? error.stack : String(error)}`;
  const lines = [`✗ ${error.message}`];
  if (error.cause instanceof Error) lines.push(`  ${error.cause.message}`);
  if (error.logFile) {
    lines.push(
      ...lastLines(error.logFile, 20, error.logFrom).map((line) => `  │ ${line}`),
      `  The whole log: ${error.logFile}`,
    );
  }
  if (error.wayOut) lines.push(`  ${error.wayOut}`);
  return lines.join('\n');
}

/** @param {string} file a log @returns {number} its bytes so far */
export const bytesIn = (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/**
 * A full disk or a folder that may not be written: the message names the file and says it all.
 * @param {unknown} error
 * @returns {error is Error}
 */
function isAboutTheSystem(error) {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

/**
 * @param {string} file
 * @param {number} count
 * @param {number} from bytes at the beginning that are left out
 * @returns {string[]} the last lines of a file; none when it cannot be read
 */
function lastLines(file, count, from) {
  try {
    return readFileSync(file).subarray(from).toString('utf8').trimEnd().split('\n').slice(-count);
  } catch {
    return [];
  }
}
