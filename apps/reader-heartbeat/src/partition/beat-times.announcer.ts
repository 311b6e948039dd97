import { exchanges, messageTypes } from '@signalbox/contracts/messages';
import { type StreamBeats } from '@signalbox/contracts/streams';
import type { Amqp } from '@signalbox/messaging';
import { every, LoopTurns, wait, type Clock, type Logger } from '@signalbox/platform';
import type { Reader } from '../liveness/reader.js';

const INTERVAL_MS = 1_000;
const BEATS_PER_MESSAGE = 1_000;
/** Between two messages. After a snapshot there are a hundred or more, and each gateway reads all that has come before it does anything else. */
const PAUSE_MS = 5;
/** Readers that are noted without a pause. */
const AT_ONCE = 5_000;

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
  private readonly turns = new LoopTurns();
  private isNotingAll = false;
  private isAskedForAll = false;

  constructor(private readonly options: BeatTimesOptions) {}

  note(readers: Iterable<Reader>): void {
    for (const { readerId, receivedAt } of readers) this.receiveTimes.set(readerId, receivedAt.unix);
  }

  /** Notes all readers of a table, beside other work. Several calls meanwhile are one more round. */
  async noteAll(table: { all(): Iterable<Reader> }): Promise<void> {
    this.isAskedForAll = true;
    if (this.isNotingAll) return;
    this.isNotingAll = true;
    while (this.isAskedForAll) {
      this.isAskedForAll = false;
      let noted = 0;
      for (const { readerId, receivedAt } of table.all()) {
        this.receiveTimes.set(readerId, receivedAt.unix);
        noted += 1;
        if (noted % AT_ONCE === 0) await this.turns.next();
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
    const times = this.receiveTimes;
    this.receiveTimes = new Map();
    let beats: [string, number][] = [];
    for (const beat of times) {
      if (beats.length === BEATS_PER_MESSAGE) {
        this.publish(beats);
        beats = [];
        await wait({ clock: this.options.clock, ms: PAUSE_MS });
        if (this.cancel === undefined) break;
      }
      beats.push(beat);
    }
    if (beats.length > 0 && this.cancel !== undefined) this.publish(beats);
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
