import { describeError } from '@signalbox/platform';
import type { Channel, ConsumeMessage } from 'amqplib';

import { AckSequence } from './ack-sequence.js';
import { Consumer, type ConsumerContext } from './consumer.js';
import type { RawDelivery } from './delivery.js';
import type { BatchSubscriptionOptions, Subscription } from './options.js';
import { OrderedAcks } from './ordered-acks.js';
import type { ConsumeRecorder } from './recorder.js';
import type { QueueSenderCheck } from './sender-check.js';
import { Settlement } from './settlement.js';

const DEFAULT_MAX_BATCH = 256;

/** Messages of one channel: what is gathered is forgotten when the channel goes. */
interface Batch {
  readonly channel: Channel;
  readonly messages: readonly ConsumeMessage[];
  readonly sources: readonly RawDelivery[];
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
  private readonly acks: OrderedAcks;
  private channel: Channel | undefined;
  private messages: ConsumeMessage[] = [];
  private sources: RawDelivery[] = [];
  private running: Promise<void> | undefined;
  private cancelWait: (() => void) | undefined;
  private stopping = false;

  constructor(
    private readonly context: ConsumerContext,
    private readonly options: BatchSubscriptionOptions,
  ) {
    this.maxBatch = options.maxBatch ?? DEFAULT_MAX_BATCH;
    this.settlement = new Settlement(context);
    this.acks = new OrderedAcks(options.ackWithinMs ?? 0, this.maxBatch);
    this.recorder = context.recorder.consuming(options.queue);
    this.senders = context.senders.of(options.queue);
  }

  take(channel: Channel, message: ConsumeMessage): void {
    // Acknowledged by itself, and so before a batch that acknowledges all before it.
    if (!this.senders.accepts(message)) return channel.ack(message);
    this.channel = channel;
    this.messages.push(message);
    this.sources.push(this.senders.read(message));
    if (!this.running) this.schedule();
  }

  private schedule(): void {
    if (this.messages.length >= this.maxBatch) return this.start();
    if (this.messages.length > 0) this.cancelWait ??= later(this.options.maxWaitMs ?? 0, () => this.start());
  }

  private start(): void {
    this.stopWaiting();
    if (!this.channel) return;
    const messages = this.messages.splice(0, this.maxBatch);
    const sources = this.sources.splice(0, this.maxBatch);
    this.running = this.run({ channel: this.channel, messages, sources }).finally(() => {
      this.running = undefined;
      if (!this.stopping) this.schedule();
    });
  }

  private async run(batch: Batch): Promise<void> {
    const { channel, messages, sources } = batch;
    this.recorder.consumed(messages.length);
    const startedAt = performance.now();
    try {
      await this.options.handler(sources);
      this.recorder.processed(performance.now() - startedAt);
      // The channel may have closed meanwhile, and what was on it is delivered again.
      if (channel === this.channel) this.acks.done(channel, messages.at(-1)!, messages.length);
    } catch (error) {
      this.recorder.processed(performance.now() - startedAt, 'dead');
      this.context.logger.error(
        { err: error, queue: this.options.queue, messages: messages.length },
        'a batch handler failed',
      );
      this.acks.flush();
      await this.deadLetterAll(batch, describeError(error));
    }
  }

  private async deadLetterAll({ channel, messages, sources }: Batch, detail: string): Promise<void> {
    const sequence = new AckSequence(channel);
    for (const message of messages) sequence.begin(message);
    await Promise.all(
      sources.map(async (source, at) => {
        const message = messages[at]!;
        const safe = await this.settlement.deadLetter({ reason: 'handler-failed', detail, source });
        if (safe) sequence.done(message);
        else sequence.giveBack(message);
      }),
    );
    sequence.flush();
  }

  /** The broker delivers again what is gathered and not handed over, and what is not acknowledged, unless the queue has ended too. */
  forget(): void {
    const { sources } = this;
    this.forgetGathered();
    if (sources.length > 0) this.options.onForgotten?.(sources);
    this.acks.forget();
    this.channel = undefined;
  }

  stop(): void {
    this.stopping = true;
    this.forgetGathered();
    this.settlement.hurry();
  }

  async drained(): Promise<void> {
    await this.running;
    this.acks.flush();
  }

  private forgetGathered(): void {
    this.stopWaiting();
    this.messages = [];
    this.sources = [];
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
