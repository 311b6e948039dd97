import { Injectable } from '@nestjs/common';
import { partitionKey, readerRequestTypes, showReaderReply, type ShowReaderReply } from '@signalbox/contracts/messages';
import { Amqp, RequestError } from '@signalbox/messaging';
import { ApiError } from '../http/errors/api-error.js';
import { askOwner } from '../state/ask-owner.js';
import { readerNotFound, readersUnknown, refusalOfReaders } from './reader-errors.js';
import { ReadersView } from './readers.view.js';

/** Each request is a short query. */
const PATIENCE_MS = 3_000;
const ATTEMPT_MS = 1_500;

/** What only reader-heartbeat knows of a reader. */
@Injectable()
export class ReaderDetails {
  constructor(
    private readonly readers: ReadersView,
    private readonly amqp: Amqp,
  ) {}

  /** What the reader sent last of its configuration; empty where it sent none. @throws ApiError 404, 503, 504 */
  async configOf(readerId: string): Promise<Record<string, unknown>> {
    const { stored } = await this.of(readerId);
    if (stored === null) throw storageUnavailable();
    return stored.config ?? {};
  }

  /** The same, or undefined where reader-heartbeat does not answer. @throws ApiError 404 unknown, 503 before the first snapshot */
  async ifAnswered(readerId: string): Promise<ShowReaderReply | undefined> {
    try {
      return await this.of(readerId);
    } catch (error) {
      if (error instanceof NotAnswered) return undefined;
      throw error;
    }
  }

  /** @throws ApiError 404 unknown, 503 and 504 not answered */
  private async of(readerId: string): Promise<ShowReaderReply> {
    if (!this.readers.hasSnapshot) throw readersUnknown();
    const partition = this.readers.partitionOf(readerId);
    if (partition === undefined) throw readerNotFound(readerId);
    try {
      return await askOwner(this.amqp, {
        service: partitionKey(partition),
        type: readerRequestTypes.show,
        body: { id: readerId },
        schema: showReaderReply,
        patienceMs: PATIENCE_MS,
        attemptMs: ATTEMPT_MS,
      });
    } catch (error) {
      throw error instanceof RequestError ? (refusalOfReaders(error) ?? new NotAnswered(error)) : error;
    }
  }
}

const storageUnavailable = (): ApiError =>
  new ApiError({
    status: 503,
    code: 'storage_unavailable',
    detail: 'The database of reader-heartbeat is unavailable.',
    headers: { 'retry-after': '5' },
  });

/** It may be of the previous release, which does not know the request. */
class NotAnswered extends ApiError {
  constructor(error: RequestError) {
    super({
      status: error.maybeDone ? 504 : 503,
      code: 'not_ready',
      detail: error.maybeDone
        ? 'reader-heartbeat, which keeps the details of readers, did not answer in time.'
        : 'reader-heartbeat, which keeps the details of readers, cannot be asked for them.',
      suggestion: 'Try again in a moment.',
      headers: { 'retry-after': '5' },
    });
  }
}
