import type { Channel, ConsumeMessage } from 'amqplib';

/**
 * Acknowledges what is done on one channel with as few frames as may be: once per turn of the event loop, with one frame for
 * everything before the oldest message in progress, and one by one after it, so that a slow message delays no other.
 */
export class AckSequence {
  /** Delivery tags of the messages in progress, oldest first: the broker counts them up. */
  private readonly working = new Set<number>();
  private settled: ConsumeMessage[] = [];
  private scheduled = false;

  constructor(readonly channel: Channel) {}

  /** The message will be settled later; nothing behind it is acknowledged together with it until then. */
  begin({ fields }: ConsumeMessage): void {
    this.working.add(fields.deliveryTag);
  }

  /** To be acknowledged, with or without a `begin`. */
  done(message: ConsumeMessage): void {
    this.working.delete(message.fields.deliveryTag);
    this.settled.push(message);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Goes back to its queue now. */
  giveBack(message: ConsumeMessage): void {
    this.working.delete(message.fields.deliveryTag);
    ignoreClosed(() => this.channel.nack(message, false, true));
  }

  /** Acknowledges now what is done. */
  flush(): void {
    this.scheduled = false;
    const done = this.settled;
    this.settled = [];
    const [oldest = Infinity] = this.working;
    let last: ConsumeMessage | undefined;
    for (const message of done) {
      if (message.fields.deliveryTag > oldest) ignoreClosed(() => this.channel.ack(message));
      else if (last === undefined || message.fields.deliveryTag > last.fields.deliveryTag) last = message;
    }
    if (last) ignoreClosed(() => this.channel.ack(last, true));
  }
}

/** On a closed channel nothing can be settled; the broker delivers its messages again. */
export function ignoreClosed(settle: () => void): void {
  try {
    settle();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'IllegalOperationError') throw error;
  }
}
