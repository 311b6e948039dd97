import { Inject, Injectable } from '@nestjs/common';
import {
  auditOf,
  exchanges,
  readerCommandTypes,
  readerControlQueue,
  type AskedBy,
  type ReaderStop,
} from '@signalbox/contracts/messages';
import { Amqp, PublishError } from '@signalbox/messaging';
import { CLOCK, type Clock } from '@signalbox/platform';
import { AuditTrail } from '../audit/audit-trail.js';
import { ApiError } from '../http/errors/api-error.js';
import { readerNotFound, readersUnknown } from './reader-errors.js';
import { ReadersView } from './readers.view.js';

/** Sends a reader that has a control queue the command to stop. */
@Injectable()
export class StopReaderCommand {
  constructor(
    private readonly readers: ReadersView,
    private readonly amqp: Amqp,
    private readonly trail: AuditTrail,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when the queue of the reader has the command. @throws ApiError 404 unknown, 409 no queue, 503 not sent, 504 not known */
  async execute(readerId: string, by: AskedBy): Promise<void> {
    if (!this.readers.hasSnapshot) throw readersUnknown();
    const reader = this.readers.of(readerId);
    if (reader === undefined) throw readerNotFound(readerId);
    const requested_at = this.clock.now();
    const { boot_id } = reader.entry;
    const record = (result: string, why?: string): void => {
      const detail = { boot_id, ...(why !== undefined && { why }) };
      this.trail.add(auditOf(by, { at: requested_at, action: 'stop-reader', resource: readerId, result, detail }));
    };
    try {
      await this.send({ reader_id: readerId, boot_id, requested_at });
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      record(error.maybeSent ? 'unknown' : error.code === 'unroutable' ? 'refused' : 'not_sent', error.code);
      throw asApiError(readerId, error);
    }
    record('sent');
  }

  private send(body: ReaderStop): Promise<void> {
    return this.amqp.publisher.publish({
      exchange: exchanges.readerCommands.name,
      routingKey: body.reader_id,
      type: readerCommandTypes.stop,
      body,
      persistent: true,
      mandatory: true,
    });
  }
}

function asApiError(readerId: string, { code, maybeSent }: PublishError): ApiError {
  if (code === 'unroutable')
    return new ApiError({
      status: 409,
      code: 'reader_not_controllable',
      detail: `The reader ${readerId} takes no commands: there is no queue ${readerControlQueue(readerId)} that is bound to ${exchanges.readerCommands.name}.`,
      suggestion: 'Stop its process where it runs. docs/messages.md says how a reader declares the queue.',
    });
  if (maybeSent)
    return new ApiError({
      status: 504,
      code: 'outcome_unknown',
      detail:
        code === 'nacked'
          ? `The message broker refused the command: the queue ${readerControlQueue(readerId)} may be full. The reader may get it or not.`
          : 'The message broker did not confirm the command: the reader may get it or not.',
      suggestion: 'Send the request again: a reader that has stopped is not stopped twice.',
    });
  return new ApiError({
    status: 503,
    code: 'not_sent',
    detail: 'The message broker cannot be reached. Nothing was sent, and nothing will be sent later.',
    suggestion: 'Try again in a moment.',
    headers: { 'retry-after': '5' },
  });
}
