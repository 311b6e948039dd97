import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import {
  DeadMessage,
  ExpiredMessage,
  TryAgain,
  Unavailable,
  type Amqp,
  type Delivery,
  type RetryPath,
  type Subscription,
  type Topology,
} from '@signalbox/messaging';
import { DeadlinePassed, isUnavailable, OutcomeUnknown } from '@signalbox/persistence';
import { isObservable, lastValueFrom } from 'rxjs';
import { z } from 'zod';
import { AmqpContext } from './amqp-context.js';

export interface HandledQueue {
  readonly queue: string;
  /** What only this service needs of the topology. */
  readonly declare?: Topology;
  /** Most messages handled at once, default 100. */
  readonly prefetch?: number;
  /** The largest message that is read, bytes; default 1 MiB. */
  readonly maxBytes?: number;
  /** Where a failed message without a requester waits for its next try. */
  readonly retry?: RetryPath;
  /**
   * For a queue into which others than services publish: every message is handled by this pattern, whatever its `type` says, and only
   * where the schema accepts it. Its sender is never answered. So no message of this queue reaches a handler of requests or commands.
   */
  readonly only?: { readonly pattern: string; readonly schema: z.ZodType };
}

export interface AmqpStrategyOptions {
  readonly amqp: Amqp;
  readonly queues: readonly HandledQueue[];
}

/**
 * Nest's handlers on our messaging: `@MessagePattern(type)` and `@EventPattern(type)` get the messages of these queues by their
 * `type`, or by the one pattern of their queue. What a handler returns is the answer to the requester. What it throws goes through
 * unchanged: see `ResponderOptions`.
 */
export class AmqpStrategy extends Server implements CustomTransportStrategy {
  /** Without it Nest reports the failure of an event handler as done, and the message would be lost. */
  override readonly propagatesEventHandlerErrors = true;
  private subscriptions: Subscription[] = [];

  constructor(private readonly options: AmqpStrategyOptions) {
    super();
  }

  /** Consumes from now on, also while the broker is unavailable. */
  listen(callback: (error?: unknown) => void): void {
    this.subscriptions = this.options.queues.map((queue) => this.consume(queue));
    callback();
  }

  /** Takes no more messages and resolves when those at work are answered and acknowledged. */
  async close(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()));
  }

  on(): void {
    throw new Error('this transport has no events of its own: see Amqp.onStatus');
  }

  unwrap<T>(): T {
    return this.options.amqp as T;
  }

  private consume({ only, ...queue }: HandledQueue): Subscription {
    const { amqp } = this.options;
    if (!only)
      return amqp.respond({ ...queue, schema: z.unknown(), handler: (message) => this.handle(message.type, message) });
    const { pattern, schema } = only;
    return amqp.subscribe({ ...queue, schema, handler: async (message) => void (await this.handle(pattern, message)) });
  }

  private async handle(pattern: string | undefined, message: Delivery<unknown>): Promise<unknown> {
    const handler = this.messageHandlers.get(pattern ?? '');
    if (!handler) throw new DeadMessage('unknown-type', 'nothing here handles messages of this type');
    try {
      const result: unknown = await handler(message.body, new AmqpContext(message));
      return isObservable(result) ? await lastValueFrom(result, { defaultValue: undefined }) : result;
    } catch (error) {
      throw inTermsOfMessaging(error);
    }
  }
}

/** What the database says of itself, in terms of what becomes of the message: it waits, or it is tried again. */
function inTermsOfMessaging(error: unknown): unknown {
  if (error instanceof OutcomeUnknown)
    return new TryAgain('the database connection was lost during the commit', { cause: error });
  if (error instanceof DeadlinePassed) return new ExpiredMessage();
  if (isUnavailable(error))
    return new Unavailable('storage_unavailable', 'the database is unavailable or too busy', { cause: error });
  return error;
}
