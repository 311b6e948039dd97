import { exchanges, messageTypes } from '@signalbox/contracts/messages';
import type { Amqp } from '@signalbox/messaging';
import { every, type Clock, type Logger } from '@signalbox/platform';
import type { Reader } from '../liveness/reader.js';
import { beatTimesJson } from './beat-times.json.js';

const INTERVAL_MS = 1_000;
const BEATS_PER_MESSAGE = 1_000;

export interface BeatTimesOptions {
  readonly stream: string;
  readonly epoch: number;
  readonly amqp: { readonly publisher: Pick<Amqp['publisher'], 'publish'> };
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Publishes once a second, in compact messages, when the last heartbeat of each reader was received. */
export class BeatTimesAnnouncer {
  /** Readers with a heartbeat in this tick, each once. */
  private readers: Reader[] = [];
  private tick = 1;
  private cancel: (() => void) | undefined;

  constructor(private readonly options: BeatTimesOptions) {}

  /** A heartbeat of the reader was received. */
  note(reader: Reader): void {
    if (reader.tick === this.tick) return;
    reader.tick = this.tick;
    this.readers.push(reader);
  }

  start(): void {
    this.cancel = every({ clock: this.options.clock, ms: INTERVAL_MS }, () => this.send());
  }

  stop(): void {
    this.cancel?.();
  }

  private send(): void {
    const { readers } = this;
    this.readers = [];
    this.tick += 1;
    for (let from = 0; from < readers.length; from += BEATS_PER_MESSAGE)
      this.publish(readers.slice(from, from + BEATS_PER_MESSAGE));
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
