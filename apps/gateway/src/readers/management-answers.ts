import { Inject, Injectable } from '@nestjs/common';
import type { AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { Asked } from '../http/caching/asked.js';
import type { PlainAnswer, StreamedAnswer } from '../http/plain-answer.js';
import { ReaderDetails } from './reader-details.js';
import { readersUnknown } from './reader-errors.js';
import { ListAnswers } from './list-answers.js';
import { readerGroupsBody } from './reader-groups.presenter.js';
import { ReaderStatusBody } from './reader-status.body.js';
import { ReadersView } from './readers.view.js';
import { StopReaderCommand } from './stop-reader.command.js';

/** The answers of the readers' management routes, which the API serves with a key and the management port without one. */
@Injectable()
export class ManagementAnswers {
  private readonly groupsBody: ListAnswers;

  constructor(
    private readonly body: ReaderStatusBody,
    private readonly readers: ReadersView,
    private readonly details: ReaderDetails,
    private readonly stopReader: StopReaderCommand,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.groupsBody = new ListAnswers(clock, { readers, ...readerGroupsBody });
  }

  status(asked: Asked): Promise<PlainAnswer | StreamedAnswer> {
    return this.body.give(asked);
  }

  /** @throws ApiError 503 before the first snapshot */
  async groups(asked: Asked): Promise<PlainAnswer | StreamedAnswer> {
    if (!this.readers.hasSnapshot) throw readersUnknown();
    return this.groupsBody.give(asked);
  }

  /** @throws ApiError 404 unknown, 503, 504 */
  configOf(readerId: string): Promise<Record<string, unknown>> {
    return this.details.configOf(readerId);
  }

  /** @throws ApiError 404 unknown, 409 not controllable, 503, 504 */
  stop(readerId: string, by: AskedBy): Promise<void> {
    return this.stopReader.execute(readerId, by);
  }
}
