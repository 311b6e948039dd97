import { MAX_ERROR_CHARS } from './trial-protocol.js';

/** What an error says, cut. An AggregateError of several refused addresses has no message of its own. */
export const textOf = (error: unknown): string => wholeText(error).slice(0, MAX_ERROR_CHARS);

function wholeText(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(wholeText).join('; ');
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}
