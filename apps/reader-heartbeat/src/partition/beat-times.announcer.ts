import { exchanges, messageTypes } from '@signalbox/contracts/messages';
import type { Amqp } from '@signalbox/messaging';
import { every, wait, type Clock, type Logger, type LoopTurns } from '@signalbox/platform';
import type { Reader } from '../liveness/reader.js';
import { beatTimesJson } from './beat-times.json.js';

const INTERVAL_MS = 1_000;
const BEATS_PER_MESSAGE = 1_000;
/** Between two messages. After a snapshot there are a hundred or more, and each gateway reads all that has come before it does anything else. */
const PAUSE_MS = 5;
/** Readers that are noted without a pause. */
const AT_ONCE = 5_000;

export interface BeatTimesOptions {
  readonly stream: string;
  readonly epoch: number;
  readonly amqp: { readonly publisher: Pick<Amqp['publisher'], 'publish'> };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly turns: Pick<LoopTurns, 'next'>;
}

/** Publishes once a second, in compact messages, when the last heartbeat of each reader was received. */
export class BeatTimesAnnouncer {
  /** Readers with a heartbeat in this tick, each once. */
  private readers: Reader[] = [];
  private tick = 1;
  private cancel: (() => void) | undefined;
  private isNotingAll = false;
  private isAskedForAll = false;

  constructor(private readonly options: BeatTimesOptions) {}

  /** A heartbeat of the reader was received. */
  note(reader: Reader): void {
    if (reader.tick === this.tick) return;
    reader.tick = this.tick;
    this.readers.push(reader);
  }

  /** Notes all readers of a table, beside other work. Several calls meanwhile are one more round. */
  async noteAll(table: { all(): Iterable<Reader> }): Promise<void> {
    this.isAskedForAll = true;
    if (this.isNotingAll) return;
    this.isNotingAll = true;
    while (this.isAskedForAll) {
      this.isAskedForAll = false;
      let noted = 0;
      for (const reader of table.all()) {
        this.note(reader);
        noted += 1;
        if (noted % AT_ONCE === 0) await this.options.turns.next();
      }
    }
    this.isNotingAll = false;
  }

  start(): void {
    this.cancel = every({ clock: this.options.clock, ms: INTERVAL_MS }, () => this.send());
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private async send(): Promise<void> {
    const { readers } = this;
    this.readers = [];
    this.tick += 1;
    for (let from = 0; from < readers.length; from += BEATS_PER_MESSAGE) {
      if (from > 0) await wait({ clock: this.options.clock, ms: PAUSE_MS });
      if (this.cancel === undefined) return;
      this.publish(readers.slice(from, from + BEATS_PER_MESSAGE));
    }
  }

  private publish(readers: readonly Reader[]): void {
    const { stream, epoch, amqp, logger } = this.options;
    const json = beatTimesJson({ stream, epoch }, readers);
    amqp.publisher
      .publish({ exchange: exchanges.state.name, routingKey: stream, type: messageTypes.beats, body: undefined, json })
      .catch((error: unknown) => {
        logger.debug({ err: error }, 'beat times not confirmed; they are published again');
        for (const reader of readers) this.note(reader);
      });
  }
}
