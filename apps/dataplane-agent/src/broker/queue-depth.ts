import type { Clock } from '@signalbox/platform';
import type { Channel, ChannelModel } from 'amqplib';

export interface QueueDepthOptions {
  readonly queue: string;
  readonly intervalMs: number;
  readonly clock: Clock;
  /** The connection to ask over, while there is one. */
  readonly model: () => ChannelModel | undefined;
}

/** Knows how many messages wait at the broker in a queue, as of the last time it was asked. It needs a channel, and no permission. */
export class QueueDepth {
  /** 0 while it is not known. */
  waiting = 0;
  #cancel: (() => void) | undefined;
  #channel: Channel | undefined;
  #stopped = false;

  constructor(private readonly options: QueueDepthOptions) {}

  start(): void {
    void this.#ask();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.waiting = 0;
  }

  async #ask(): Promise<void> {
    try {
      const channel = (this.#channel ??= await this.#open());
      this.waiting = channel ? (await channel.checkQueue(this.options.queue)).messageCount : 0;
    } catch {
      // The broker closes the channel where there is no such queue; the next question gets a new one.
      this.waiting = 0;
    }
    if (this.#stopped) return;
    this.#cancel = this.options.clock.schedule(this.options.intervalMs, () => void this.#ask(), { background: true });
  }

  async #open(): Promise<Channel | undefined> {
    const channel = await this.options.model()?.createChannel();
    channel?.on('error', () => undefined);
    channel?.once('close', () => {
      if (this.#channel === channel) this.#channel = undefined;
    });
    return channel;
  }
}
