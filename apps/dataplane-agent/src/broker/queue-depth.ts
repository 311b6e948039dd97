import type { Clock } from '@signalbox/platform';
import type { Channel, ChannelModel } from 'amqplib';

export interface QueueDepthOptions {
  readonly queue: string;
  readonly intervalMs: number;
  readonly clock: Clock;
  /** The connection to use, while there is one. */
  readonly model: () => ChannelModel | undefined;
  /** After an answer that differs from the one before, or that `refresh` asked for. */
  readonly onAnswer: () => void;
}

/** Polls how many messages wait in a queue. That takes a channel and no permission. */
export class QueueDepth {
  /** As of the last poll; 0 while it is not known. */
  waiting = 0;
  private cancel: (() => void) | undefined;
  private channel: Channel | undefined;
  private stopped = false;
  private isAsking = false;
  private isWanted = false;

  constructor(private readonly options: QueueDepthOptions) {}

  start(): void {
    void this.ask();
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
    this.waiting = 0;
  }

  /** Polls now: the known number is stale. */
  refresh(): void {
    this.isWanted = true;
    if (this.isAsking || this.stopped) return;
    this.cancel?.();
    void this.ask();
  }

  private async ask(): Promise<void> {
    this.isAsking = true;
    const isWanted = this.isWanted;
    this.isWanted = false;
    const before = this.waiting;
    const waiting = await this.count();
    this.isAsking = false;
    if (this.stopped) return;
    this.waiting = waiting;
    if (isWanted || waiting !== before) this.options.onAnswer();
    if (this.isWanted) return void this.ask();
    this.cancel = this.options.clock.schedule(this.options.intervalMs, () => void this.ask(), { background: true });
  }

  private async count(): Promise<number> {
    try {
      const channel = (this.channel ??= await this.open());
      return channel ? (await channel.checkQueue(this.options.queue)).messageCount : 0;
    } catch {
      // The broker closes the channel where the queue does not exist; the next poll opens a new one.
      return 0;
    }
  }

  private async open(): Promise<Channel | undefined> {
    const channel = await this.options.model()?.createChannel();
    channel?.on('error', () => undefined);
    channel?.once('close', () => {
      if (this.channel === channel) this.channel = undefined;
    });
    return channel;
  }
}
