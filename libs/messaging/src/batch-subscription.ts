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
    const { channel } = this;
    if (!channel) return;
    const pending = this.run({ channel, ...this.takeBatch() });
    if (pending === undefined) return this.schedule();
    this.running = pending.finally(() => {
      this.running = undefined;
      if (!this.stopping) this.schedule();
    });
  }

  private takeBatch(): Pick<Batch, 'messages' | 'sources'> {
    const { messages, sources, maxBatch } = this;
    this.messages = messages.length > maxBatch ? messages.splice(maxBatch) : [];
    this.sources = sources.length > maxBatch ? sources.splice(maxBatch) : [];
    return { messages, sources };
  }

  /** Undefined: the batch is handled already. Most are, and a promise for each read of a connection takes longer than its messages. */
  private run(batch: Batch): Promise<void> | undefined {
    this.recorder.consumed(batch.messages.length);
    const startedAt = performance.now();
    const failed = (error: unknown): Promise<void> => this.failed(batch, { error, startedAt });
    try {
      const handling = this.options.handler(batch.sources);
      if (handling instanceof Promise) return handling.then(() => this.handled(batch, startedAt)).catch(failed);
      this.handled(batch, startedAt);
      return undefined;
    } catch (error) {
      return failed(error);
    }
  }

  private handled({ channel, messages }: Batch, startedAt: number): void {
    this.recorder.processed(performance.now() - startedAt);
    // The channel may have closed meanwhile, and what was on it is delivered again.
    if (channel === this.channel) this.acks.done(channel, messages.at(-1)!, messages.length);
  }

  private async failed(batch: Batch, { error, startedAt }: { error: unknown; startedAt: number }): Promise<void> {
    this.recorder.processed(performance.now() - startedAt, 'dead');
    this.context.logger.error(
      { err: error, queue: this.options.queue, messages: batch.messages.length },
      'a batch handler failed',
    );
    this.acks.flush();
    await this.deadLetterAll(batch, describeError(error));
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

/** Runs something after a while, or with 0 when what was read together is gathered. Returns what cancels it. */
function later(ms: number, run: () => void): () => void {
  if (ms > 0) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }
  let isCancelled = false;
  process.nextTick(() => {
    if (!isCancelled) run();
  });
  return () => {
    isCancelled = true;
  };
}
