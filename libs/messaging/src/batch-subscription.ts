import { describeError } from '@signalbox/platform';
import type { Channel, ConsumeMessage } from 'amqplib';

import { AckSequence } from './ack-sequence.js';
import { Consumer, type ConsumerContext } from './consumer.js';
import type { RawDelivery } from './delivery.js';
import type { BatchSubscriptionOptions, Subscription } from './options.js';
import type { ConsumeRecorder } from './recorder.js';
import type { QueueSenderCheck } from './sender-check.js';
import { Settlement } from './settlement.js';

const DEFAULT_MAX_BATCH = 256;

interface Item {
  readonly channel: Channel;
  readonly message: ConsumeMessage;
  readonly source: RawDelivery;
}

/** Gathers messages and hands them over in one call, one call at a time, then acknowledges them with one frame. */
export function subscribeBatch(context: ConsumerContext, options: BatchSubscriptionOptions): Subscription {
  const batches = new Batches(context, options);
  return new Consumer(context, options, {
    prefetch: options.prefetch ?? 2 * batches.maxBatch,
    onMessage: (channel, message) => batches.take(channel, message),
    onLost: () => batches.forget(),
    stop: () => batches.stop(),
    drained: () => batches.drained(),
  });
}

class Batches {
  readonly maxBatch: number;
  private readonly settlement: Settlement;
  private readonly recorder: ConsumeRecorder;
  private readonly senders: QueueSenderCheck;
  private gathered: Item[] = [];
  private running: Promise<void> | undefined;
  private cancelWait: (() => void) | undefined;
  private stopping = false;

  constructor(
    private readonly context: ConsumerContext,
    private readonly options: BatchSubscriptionOptions,
  ) {
    this.maxBatch = options.maxBatch ?? DEFAULT_MAX_BATCH;
    this.settlement = new Settlement(context);
    this.recorder = context.recorder.consuming(options.queue);
    this.senders = context.senders.of(options.queue);
  }

  take(channel: Channel, message: ConsumeMessage): void {
    // Acknowledged by itself, and so before a batch that acknowledges all before it.
    if (!this.senders.accepts(message)) return channel.ack(message);
    this.gathered.push({ channel, message, source: this.senders.read(message) });
    if (!this.running) this.schedule();
  }

  private schedule(): void {
    if (this.gathered.length >= this.maxBatch) return this.start();
    if (this.gathered.length > 0) this.cancelWait ??= later(this.options.maxWaitMs ?? 0, () => this.start());
  }

  private start(): void {
    this.stopWaiting();
    const batch = this.gathered.splice(0, this.maxBatch);
    this.running = this.run(batch).finally(() => {
      this.running = undefined;
      if (!this.stopping) this.schedule();
    });
  }

  private async run(batch: Item[]): Promise<void> {
    const [first] = batch;
    if (!first) return;
    // All of one channel: what is gathered is forgotten when the channel goes.
    const sequence = new AckSequence(first.channel);
    this.recorder.consumed(batch.length);
    const startedAt = performance.now();
    try {
      await this.options.handler(batch.map((item) => item.source));
      this.recorder.processed(performance.now() - startedAt);
      for (const { message } of batch) sequence.done(message);
    } catch (error) {
      this.recorder.processed(performance.now() - startedAt, 'dead');
      this.context.logger.error(
        { err: error, queue: this.options.queue, messages: batch.length },
        'a batch handler failed',
      );
      await Promise.all(batch.map((item) => this.deadLetter(sequence, item, describeError(error))));
    }
    sequence.flush();
  }

  private async deadLetter(sequence: AckSequence, { message, source }: Item, detail: string): Promise<void> {
    sequence.begin(message);
    const safe = await this.settlement.deadLetter({ reason: 'handler-failed', detail, source });
    if (safe) sequence.done(message);
    else sequence.giveBack(message);
  }

  /** The broker delivers again what is gathered and not handed over. */
  forget(): void {
    this.stopWaiting();
    this.gathered = [];
  }

  stop(): void {
    this.stopping = true;
    this.forget();
    this.settlement.hurry();
  }

  async drained(): Promise<void> {
    await this.running;
  }

  private stopWaiting(): void {
    this.cancelWait?.();
    this.cancelWait = undefined;
  }
}

/** Runs something after a while, or with 0 as soon as the event loop has come round. Returns what cancels it. */
function later(ms: number, run: () => void): () => void {
  if (ms > 0) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }
  const immediate = setImmediate(run);
  return () => clearImmediate(immediate);
}
