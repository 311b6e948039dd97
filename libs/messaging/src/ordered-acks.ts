import type { Channel, ConsumeMessage } from 'amqplib';

import { ignoreClosed } from './ack-sequence.js';

/**
 * Acknowledges messages that are handled in the order of their delivery, with one frame for many. What is handled and not acknowledged
 * when the channel ends is delivered again.
 */
export class OrderedAcks {
  private last: { readonly channel: Channel; readonly message: ConsumeMessage } | undefined;
  private count = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param withinMs after the first message that is handled; 0: at once @param most messages of one frame */
  constructor(
    private readonly withinMs: number,
    private readonly most: number,
  ) {}

  /** All up to this message are handled: so many since the last call. */
  done(channel: Channel, message: ConsumeMessage, count: number): void {
    this.last = { channel, message };
    this.count += count;
    if (this.withinMs === 0 || this.count >= this.most) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), this.withinMs);
  }

  /** Acknowledges now what is handled. */
  flush(): void {
    const { last } = this;
    this.forget();
    if (last) ignoreClosed(() => last.channel.ack(last.message, true));
  }

  /** The channel has closed. */
  forget(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.last = undefined;
    this.count = 0;
  }
}
