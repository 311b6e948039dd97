import type { Channel, ConsumeMessage } from 'amqplib';

import { Consumer, type ConsumerContext } from './consumer.js';
import { rawDelivery, type RawDelivery } from './delivery.js';
import { describeError } from './describe-error.js';
import type { BatchSubscriptionOptions, Subscription } from './options.js';
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
    onMessage: (channel, message) => batches.gather({ channel, message, source: rawDelivery(options.queue, message) }),
    onLost: () => batches.forget(),
    stop: () => batches.stop(),
    drained: () => batches.drained(),
  });
}

class Batches {
  readonly maxBatch: number;
  readonly #settlement: Settlement;
  #gathered: Item[] = [];
  #running: Promise<void> | undefined;
  #cancelWait: (() => void) | undefined;
  #stopping = false;

  constructor(
    private readonly context: ConsumerContext,
    private readonly options: BatchSubscriptionOptions,
  ) {
    this.maxBatch = options.maxBatch ?? DEFAULT_MAX_BATCH;
    this.#settlement = new Settlement(context.deadLetters, context.logger);
  }

  gather(item: Item): void {
    this.#gathered.push(item);
    if (!this.#running) this.#schedule();
  }

  #schedule(): void {
    if (this.#gathered.length >= this.maxBatch) return this.#start();
    if (this.#gathered.length > 0) this.#cancelWait ??= later(this.options.maxWaitMs ?? 0, () => this.#start());
  }

  #start(): void {
    this.#stopWaiting();
    const batch = this.#gathered.splice(0, this.maxBatch);
    this.#running = this.#run(batch).finally(() => {
      this.#running = undefined;
      if (!this.#stopping) this.#schedule();
    });
  }

  async #run(batch: Item[]): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    try {
      await this.options.handler(batch.map((item) => item.source));
    } catch (error) {
      this.context.logger.error({ err: error, queue: this.options.queue, messages: batch.length }, 'a batch handler failed');
      const detail = describeError(error);
      const park = ({ channel, message, source }: Item): Promise<void> =>
        this.#settlement.park(channel, message, { reason: 'handler-failed', detail, source });
      await Promise.all(batch.map(park));
      return;
    }
    this.#settlement.ack(last.channel, last.message, true);
  }

  /** What is gathered but not handed over is the broker's again. */
  forget(): void {
    this.#stopWaiting();
    this.#gathered = [];
  }

  stop(): void {
    this.#stopping = true;
    this.forget();
    this.#settlement.hurry();
  }

  async drained(): Promise<void> {
    await this.#running;
  }

  #stopWaiting(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
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
