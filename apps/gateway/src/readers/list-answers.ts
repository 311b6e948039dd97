import type { Clock } from '@signalbox/platform';
import { BodyAnswers } from '../http/body-answers.js';
import type { Asked } from '../http/caching/asked.js';
import type { PlainAnswer, StreamedAnswer } from '../http/plain-answer.js';
import { ListBody, type ListBodyOptions } from './list-body.js';

/** Answers with a body that has a text of each reader. */
export class ListAnswers {
  private readonly answers: BodyAnswers;
  private readonly body: ListBody;

  constructor(clock: Clock, options: Omit<ListBodyOptions, 'onReplaced'>) {
    this.answers = new BodyAnswers(clock);
    this.body = new ListBody({
      ...options,
      onReplaced: (version, bytes) => this.answers.replaced(version, bytes),
    });
  }

  /** It has all changes before the call. @throws ApiError 503 where it would be too large */
  async give(asked: Asked): Promise<PlainAnswer | StreamedAnswer> {
    return this.answers.give(await this.body.now(), asked);
  }
}
