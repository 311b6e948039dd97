import type { Channel, ConsumeMessage } from 'amqplib';

import { runInTrace } from '@signalbox/platform';

import { AckSequence } from './ack-sequence.js';
import { Consumer, type ConsumerContext } from './consumer.js';
import { decode } from './decode.js';
import { delivery, type RawDelivery } from './delivery.js';
import { DeadMessage } from './errors.js';
import { classifyFailure } from './failure.js';
import type { HandlerOptions, Subscription, SubscriptionOptions } from './options.js';
import type { ConsumeRecorder, RequestFailure } from './recorder.js';
import type { QueueSenderCheck } from './sender-check.js';
import { Settlement } from './settlement.js';

export const DEFAULT_MAX_BYTES = 1024 * 1024;
const DEFAULT_PREFETCH = 100;

/** The reason of a dead letter that must never be replayed. */
const WRONG_SENDER = 'wrong-sender';

/** Decodes each message for the handler; a message that does not decode is dead-lettered with the decoder's reason. */
export function subscribe<T>(context: ConsumerContext, options: SubscriptionOptions<T>): Subscription {
  const { schema, handler, maxBytes = DEFAULT_MAX_BYTES } = options;
  const schemaOf = typeof schema === 'function' ? schema : () => schema;
  return consumeMessages(context, options, (raw) => {
    const wanted = schemaOf(raw);
    if (wanted === undefined) throw new DeadMessage('unknown-type', 'no message of this type is expected here');
    const decoded = decode(raw, wanted, maxBytes);
    if (!decoded.ok) throw new DeadMessage(decoded.reason, decoded.detail);
    return handler(delivery(raw, decoded.body));
  });
}

/** Handles a message; gives how a request was not done whose message is to be acknowledged all the same. */
type Run = (raw: RawDelivery) => void | Promise<void | RequestFailure>;

/** Passes each message to `run`. When that returns, the message is acknowledged; when it throws, the message is retried or dead-lettered. */
export function consumeMessages(context: ConsumerContext, options: HandlerOptions, run: Run): Subscription {
  const messages = new Messages(context, options, run);
  return new Consumer(context, options, {
    prefetch: options.prefetch ?? DEFAULT_PREFETCH,
    onMessage: (channel, message) => messages.take(channel, message),
    onLost: () => undefined,
    stop: () => messages.hurry(),
    drained: () => messages.drained(),
  });
}

class Messages {
  private readonly settlement: Settlement;
  private readonly recorder: ConsumeRecorder;
  private readonly senders: QueueSenderCheck;
  private readonly running = new Set<Promise<void>>();
  private sequence: AckSequence | undefined;

  constructor(
    context: ConsumerContext,
    private readonly options: HandlerOptions,
    private readonly run: Run,
  ) {
    this.settlement = new Settlement(context);
    this.recorder = context.recorder.consuming(options.queue);
    this.senders = context.senders.of(options.queue, options.retry);
  }

  take(channel: Channel, message: ConsumeMessage): void {
    if (this.sequence?.channel !== channel) this.sequence = new AckSequence(channel);
    const sequence = this.sequence;
    const source = this.senders.read(message);
    this.recorder.consumed(1);
    let result: ReturnType<Run>;
    try {
      if (!this.senders.accepts(message)) {
        if (this.options.retry === undefined) return sequence.done(message);
        // A command is kept for people to look at. What has no retry path may be lost in other ways too.
        throw new DeadMessage(WRONG_SENDER, 'its sender may not send it');
      }
      // Work for a traced message continues its trace. Without a trace there is no overhead.
      result =
        'traceparent' in source.headers
          ? runInTrace(source.headers['traceparent'], () => this.run(source))
          : this.run(source);
    } catch (error) {
      result = Promise.reject(error);
    }
    // A handler that needs no promise gets none: at many thousand messages a second that shows.
    if (result === undefined) {
      this.recorder.processed(performance.now() - source.arrivedAt);
      return sequence.done(message);
    }
    sequence.begin(message);
    const work = this.settle(result, { sequence, message, source });
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
  }

  private async settle(
    result: Promise<void | RequestFailure>,
    { sequence, message, source }: { sequence: AckSequence; message: ConsumeMessage; source: RawDelivery },
  ): Promise<void> {
    try {
      const failure = await result;
      this.recorder.processed(performance.now() - source.arrivedAt, failure ?? undefined);
    } catch (error) {
      this.recorder.processed(performance.now() - source.arrivedAt, classifyFailure(error).fate);
      const safe = await this.settlement.afterFailure(source, error, this.options.retry);
      if (!safe) return sequence.giveBack(message);
    }
    sequence.done(message);
  }

  hurry(): void {
    this.settlement.hurry();
  }

  async drained(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
    this.sequence?.flush();
  }
}
