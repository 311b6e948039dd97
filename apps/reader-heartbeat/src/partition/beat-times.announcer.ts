import { exchanges, messageTypes } from '@signalbox/contracts/messages';
import { type StreamBeats } from '@signalbox/contracts/streams';
import type { Amqp } from '@signalbox/messaging';
import { every, type Clock, type Logger } from '@signalbox/platform';
import type { Reader } from '../liveness/reader.js';

const INTERVAL_MS = 1_000;
const BEATS_PER_MESSAGE = 1_000;

export interface BeatTimesOptions {
  readonly stream: string;
  readonly epoch: number;
  readonly amqp: Amqp;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Publishes once a second, in compact messages, when the last heartbeat of each reader was received. */
export class BeatTimesAnnouncer {
  private receiveTimes = new Map<string, number>();
  private cancel: (() => void) | undefined;

  constructor(private readonly options: BeatTimesOptions) {}

  note(readers: Iterable<Reader>): void {
    for (const { readerId, receivedAt } of readers) this.receiveTimes.set(readerId, receivedAt.unix);
  }

  start(): void {
    this.cancel = every({ clock: this.options.clock, ms: INTERVAL_MS }, () => this.send());
  }

  stop(): void {
    this.cancel?.();
  }

  private send(): void {
    const beats = [...this.receiveTimes];
    this.receiveTimes = new Map();
    for (let from = 0; from < beats.length; from += BEATS_PER_MESSAGE) {
      this.publish(beats.slice(from, from + BEATS_PER_MESSAGE));
    }
  }

  private publish(beats: [string, number][]): void {
    const { stream, epoch, amqp, logger } = this.options;
    const body: StreamBeats = { stream, epoch, beats };
    amqp.publisher
      .publish({ exchange: exchanges.state.name, routingKey: stream, type: messageTypes.beats, body })
      .catch((error: unknown) => {
        logger.debug({ err: error }, 'beat times not confirmed; they are published again');
        for (const [readerId, at] of beats) if (!this.receiveTimes.has(readerId)) this.receiveTimes.set(readerId, at);
      });
  }
}
