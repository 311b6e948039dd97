import type { Amqp, BindingSpec } from '@signalbox/messaging';
import { Backoff, describeError, type Clock, type Logger } from '@signalbox/platform';
import type { StreamReplica } from './stream-replica.js';

export interface LateBindingOptions {
  readonly amqp: Pick<Amqp, 'bind' | 'unbind'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly binding: BindingSpec;
  readonly replica: Pick<StreamReplica, 'bound' | 'unbound'>;
  /** The same stream was followed before, until this is settled: then it is unbound. */
  readonly after: Promise<void> | undefined;
}

const RETRY = { minMs: 100, maxMs: 5_000 };

/**
 * Binds a stream that is followed later to the queue of this process, again after each loss of the queue. It does so on a channel of its
 * own: a binding that the broker refuses must not end the consumer of all the other streams.
 */
export class LateBinding {
  private readonly backoff = new Backoff(RETRY);
  private isQueueThere = false;
  private isClosed = false;
  private isFailureReported = false;
  private attempt: Promise<void> = Promise.resolve();
  private cancelRetry: (() => void) | undefined;
  /** Of the queue: it is another one after each connection. */
  private turn = 0;

  constructor(private readonly options: LateBindingOptions) {}

  /** The queue is consumed. */
  queueDeclared(): void {
    if (this.isQueueThere) return;
    this.isQueueThere = true;
    this.isFailureReported = false;
    this.backoff.reset();
    this.attempt = this.bind(this.turn);
  }

  /** The queue is lost, and its bindings with it. */
  queueLost(): void {
    this.isQueueThere = false;
    this.turn += 1;
    this.cancelRetry?.();
    this.options.replica.unbound();
  }

  /** Unbinds. Until that is done, messages of the stream may arrive. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelRetry?.();
    this.options.replica.unbound();
    await this.attempt;
    if (!this.isQueueThere) return;
    const { amqp, binding, logger } = this.options;
    // A queue that keeps the binding gets messages that are dropped; with the next connection there is none.
    await amqp.unbind(binding).catch((error: unknown) => {
      logger.debug({ err: error, stream: binding.key }, 'stream not unbound');
    });
  }

  private async bind(turn: number): Promise<void> {
    const { amqp, binding, replica, after } = this.options;
    if (after !== undefined) await after;
    if (!this.isCurrent(turn)) return;
    try {
      await amqp.bind(binding);
    } catch (error) {
      if (this.isCurrent(turn)) this.retry(turn, error);
      return;
    }
    if (this.isCurrent(turn)) replica.bound();
  }

  private retry(turn: number, error: unknown): void {
    const { clock, logger, binding } = this.options;
    const level = this.isFailureReported ? 'debug' : 'warn';
    this.isFailureReported = true;
    logger[level]({ stream: binding.key, reason: describeError(error) }, 'stream not bound, trying again');
    this.cancelRetry = clock.schedule(this.backoff.nextMs(), () => {
      this.attempt = this.bind(turn);
    });
  }

  private isCurrent(turn: number): boolean {
    return turn === this.turn && !this.isClosed;
  }
}
