import { Inject, Injectable } from '@nestjs/common';
import {
  auditOf,
  forgetReaderReply,
  partitionKey,
  readerRequestTypes,
  type AskedBy,
} from '@signalbox/contracts/messages';
import { readersStream } from '@signalbox/contracts/streams';
import { Amqp, RequestError } from '@signalbox/messaging';
import { CLOCK, type Clock } from '@signalbox/platform';
import { AuditTrail } from '../audit/audit-trail.js';
import { ApiError, isOutcomeUnknown } from '../http/errors/api-error.js';
import { askOwner } from '../state/ask-owner.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { readerErrorOf, readersUnknown } from './reader-errors.js';
import { ReadersView } from './readers.view.js';

const PATIENCE_MS = 5_000;
const ATTEMPT_MS = 2_000;

/** Has reader-heartbeat forget a dead reader. It is not shown on this process when the promise resolves; again is the same. */
@Injectable()
export class ForgetReaderCommand {
  constructor(
    private readonly readers: ReadersView,
    private readonly amqp: Amqp,
    private readonly writes: ReadYourWrites,
    private readonly trail: AuditTrail,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 404 unknown, 409 not dead, 503 nothing was changed, 504 not known */
  async execute(readerId: string, by: AskedBy): Promise<void> {
    if (!this.readers.hasSnapshot) throw readersUnknown();
    const record = (result?: 'unknown'): void => {
      const entry = auditOf(by, { at: this.clock.now(), action: 'forget-reader', resource: readerId });
      this.trail.add({ ...entry, ...(result && { result }) });
    };
    const forgotten = await this.askAll(readerId).catch((error: unknown) => {
      if (isOutcomeUnknown(error)) record('unknown');
      throw error;
    });
    if (forgotten.length === 0) return;
    record();
    await Promise.all(forgotten.map((change) => this.writes.visible(change)));
  }

  /**
   * Asks every partition that has the reader: else the one that its sender has left would show it again. One after the other, so that a
   * refusal leaves it as it is shown. @returns where it is not shown any more
   */
  private async askAll(readerId: string): Promise<{ stream: string; seq: number }[]> {
    const forgotten: { stream: string; seq: number }[] = [];
    let unknown: unknown;
    let isKnown = false;
    for (const partition of this.readers.partitionsOf(readerId)) {
      const answer = await this.ask(partition, readerId).catch((error: unknown) => {
        if (!isUnknownReader(error)) throw error;
        unknown = error;
        return undefined;
      });
      if (answer === undefined) continue;
      isKnown = true;
      if (answer.seq !== null) forgotten.push({ stream: readersStream(partition).name, seq: answer.seq });
    }
    if (!isKnown) throw unknown;
    return forgotten;
  }

  private async ask(partition: number, readerId: string): Promise<{ seq: number | null }> {
    try {
      return await askOwner(this.amqp, {
        service: partitionKey(partition),
        type: readerRequestTypes.forget,
        body: { reader_id: readerId },
        schema: forgetReaderReply,
        patienceMs: PATIENCE_MS,
        attemptMs: ATTEMPT_MS,
      });
    } catch (error) {
      throw error instanceof RequestError ? readerErrorOf(error) : error;
    }
  }
}

const isUnknownReader = (error: unknown): boolean => error instanceof ApiError && error.code === 'reader_not_found';
