import type { ForgetReaderRefusal } from '@signalbox/contracts/messages';
import type { RequestError } from '@signalbox/messaging';
import { ApiError, type ApiErrorOptions } from '../http/errors/api-error.js';
import { nothingReceived, ownerNotReached } from '../state/owner-errors.js';

const REFUSALS: Readonly<Record<ForgetReaderRefusal, Omit<ApiErrorOptions, 'detail'>>> = {
  unknown_reader: { status: 404, code: 'reader_not_found' },
  reader_not_dead: {
    status: 409,
    code: 'reader_not_dead',
    suggestion:
      'Stop the reader: its last heartbeat, with the state `stopping`, removes it. A reader that only stops sending is dead after its missed ' +
      'heartbeats, and can be forgotten then.',
  },
  storage_unavailable: { status: 503, code: 'storage_unavailable', headers: { 'retry-after': '5' } },
};

/** Before the first snapshot. */
export const readersUnknown = (): ApiError => nothingReceived('reader-heartbeat', 'which readers there are');

export const readerNotFound = (readerId: string): ApiError =>
  new ApiError({ ...REFUSALS.unknown_reader, detail: `There is no reader ${readerId.slice(0, 200)}.` });

/** A refusal of reader-heartbeat that it has a code for; undefined: the error is another one. */
export function refusalOfReaders(error: RequestError): ApiError | undefined {
  const known = REFUSALS[error.remoteCode as ForgetReaderRefusal];
  return known && new ApiError({ ...known, detail: error.message });
}

/** An answer of reader-heartbeat to a change, or none, as an API error; others as they are. */
export function readerErrorOf(error: RequestError): unknown {
  const refusal = refusalOfReaders(error);
  if (refusal) return refusal;
  if (error.code === 'refused') return error;
  if (error.maybeDone)
    return new ApiError({
      status: 504,
      code: 'outcome_unknown',
      detail: 'reader-heartbeat did not answer in time: the reader may have been forgotten or not.',
      suggestion: 'Ask again: a reader that was forgotten is not forgotten twice.',
    });
  return ownerNotReached('reader-heartbeat');
}
