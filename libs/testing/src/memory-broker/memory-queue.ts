import type { Clock } from '@signalbox/platform';
import type { MemoryMessage } from './memory-message.js';

/** A consumer, as its queue sees it. */
export interface QueueConsumer {
  readonly tag: string;
  /** Whether it may have one more message now. */
  hasRoom(): boolean;
  deliver(message: MemoryMessage): void;
  /** The queue is gone. */
  cancelled(): void;
}

export interface MemoryQueueOptions {
  readonly name: string;
  readonly autoDelete: boolean;
  /** The connection it belongs to and goes with. */
  readonly exclusiveTo: object | undefined;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  /** Where messages go that expire, are refused or come back too often; false where the queue has no such place. */
  readonly onDead: (message: MemoryMessage, reason: 'expired' | 'rejected' | 'delivery_limit' | 'maxlen') => void;
  /** The clock calls from outside the broker's own order of events. */
  readonly enqueue: (task: () => void) => void;
}

/** A queue in memory, with the arguments that Signalbox uses. */
export class MemoryQueue {
  readonly consumers: QueueConsumer[] = [];
  /** Messages handed out and not settled. */
  unsettled = 0;
  private ready: MemoryMessage[] = [];
  private readonly expiries = new Map<MemoryMessage, () => void>();
  private turn = 0;

  constructor(readonly options: MemoryQueueOptions) {}

  get messageCount(): number {
    return this.ready.length;
  }

  /** False where the queue is full and refuses more. */
  push(message: MemoryMessage): boolean {
    const full = this.ready.length >= this.numberOf('x-max-length', Infinity);
    if (full && this.options.arguments['x-overflow'] === 'reject-publish') return false;
    if (full) this.die(this.ready[0], 'maxlen');
    this.ready.push(message);
    this.expireLater(message);
    this.pump();
    return true;
  }

  /** What was handed out comes back, in its old order, unless it came back too often. */
  giveBack(messages: readonly MemoryMessage[]): void {
    const limit = this.numberOf('x-delivery-limit', Infinity);
    for (const message of messages) message.returns += 1;
    const kept = messages.filter(({ returns }) => returns <= limit);
    this.ready.unshift(...kept);
    for (const message of kept) this.expireLater(message);
    for (const message of messages) if (message.returns > limit) this.options.onDead(message, 'delivery_limit');
    this.pump();
  }

  /** Hands messages to consumers in turn, as far as they have room; with single active consumer to the first only. */
  pump(): void {
    while (this.ready.length > 0) {
      const consumer = this.nextConsumer();
      const message = consumer && this.take();
      if (!consumer || !message) return;
      this.unsettled += 1;
      consumer.deliver(message);
    }
  }

  /** Takes the oldest message out. */
  take(): MemoryMessage | undefined {
    const message = this.ready.shift();
    if (message) this.forgetExpiry(message);
    return message;
  }

  clear(): void {
    for (const message of this.ready) this.forgetExpiry(message);
    this.ready = [];
  }

  private nextConsumer(): QueueConsumer | undefined {
    if (this.options.arguments['x-single-active-consumer'] === true)
      return this.consumers[0]?.hasRoom() ? this.consumers[0] : undefined;
    for (let tried = 0; tried < this.consumers.length; tried += 1) {
      const consumer = this.consumers[this.turn++ % this.consumers.length];
      if (consumer?.hasRoom()) return consumer;
    }
    return undefined;
  }

  private expireLater(message: MemoryMessage): void {
    const own = message.properties.expiration;
    const ttl = Math.min(this.numberOf('x-message-ttl', Infinity), own === undefined ? Infinity : Number(own));
    if (!Number.isFinite(ttl)) return;
    const { clock, enqueue } = this.options;
    this.expiries.set(
      message,
      clock.schedule(ttl, () => enqueue(() => this.die(message, 'expired')), { background: true }),
    );
  }

  private die(message: MemoryMessage | undefined, reason: 'expired' | 'maxlen'): void {
    if (!message || !this.ready.includes(message)) return;
    this.ready = this.ready.filter((each) => each !== message);
    this.forgetExpiry(message);
    this.options.onDead(message, reason);
  }

  private forgetExpiry(message: MemoryMessage): void {
    this.expiries.get(message)?.();
    this.expiries.delete(message);
  }

  private numberOf(argument: string, otherwise: number): number {
    const value = this.options.arguments[argument];
    return typeof value === 'number' ? value : otherwise;
  }
}
