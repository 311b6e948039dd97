import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import type { Config } from '../config.js';
import type { Asked } from '../http/caching/asked.js';
import { BodyAnswers } from '../http/body-answers.js';
import { Listening } from '../http/listening.js';
import type { PlainAnswer, StreamedAnswer } from '../http/plain-answer.js';
import { appConfig } from './app-config.js';
import { MAPS, type Segment } from './status-version.js';
import { StatusVersions } from './status-versions.js';
import { presentReservedConsumers } from './reader-status.presenter.js';
import { ReadersView } from './readers.view.js';

/** `GET /status` (document: reader-status). Its maps have no reader before the first snapshot: `status` is null. */
@Injectable()
export class ReaderStatusBody {
  private readonly answers: BodyAnswers;
  private readonly versions: StatusVersions;

  constructor(
    private readonly readers: ReadersView,
    private readonly listening: Listening,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.answers = new BodyAnswers(clock);
    this.versions = new StatusVersions({
      readers,
      clock,
      facts: () => [readers.hasSnapshot, readers.settings, listening.ports],
      segments: () => this.segments(),
      onReplaced: (version, bytes) => this.answers.replaced(version, bytes),
    });
  }

  /** Undefined where the answer takes a while: then `give` gives it. */
  now(asked: Asked): PlainAnswer | undefined {
    const version = this.versions.now();
    return version && this.answers.now(version, asked);
  }

  async give(asked: Asked): Promise<PlainAnswer | StreamedAnswer> {
    return this.answers.give(await this.versions.current(), asked);
  }

  private segments(): readonly Segment[] {
    const config = appConfig(this.config, this.listening.ports, this.readers.settings);
    const head = `{"config":${JSON.stringify(config)},"status":`;
    if (!this.readers.hasSnapshot) return [{ text: `${head}null}` }];
    const reserved = JSON.stringify(presentReservedConsumers(config.reserved_consumers));
    return [{ text: `${head}{` }, ...MAPS, { text: `,"reserved_consumers":${reserved}}}` }];
  }
}
