import type { ConfirmChannel } from 'amqplib';
import type { BackoffBounds, Logger } from '@signalbox/platform';
import type { BrokerConnection } from './broker-connection.js';
import { propertiesOf, type Signature } from './envelope.js';
import { PublishError, type PublishErrorCode } from './errors.js';
import { ManagedChannel } from './managed-channel.js';
import type { BatchMessage, BatchPublisher } from './options.js';
import type { MessagingRecorder } from './recorder.js';

export interface ConfirmBatchPublisherOptions {
  readonly connection: BrokerConnection;
  readonly signature: Signature;
  /** Everything fails when nothing was confirmed for so long. */
  readonly stallMs: number;
  readonly maxInFlight: number;
  readonly reopen: BackoffBounds;
  readonly recorder: MessagingRecorder;
  readonly logger: Logger;
}

interface Batch {
  readonly exchange: string;
  readonly messages: readonly BatchMessage[];
  sent: number;
  confirmed: number;
  /** Ms of `performance.now()`. */
  sentAt: number;
  isOver: boolean;
  readonly resolve: () => void;
  readonly reject: (error: PublishError) => void;
}

/**
 * Publishes many messages with one promise, in order, on a channel of its own: the messages of `ConfirmPublisher` do not wait behind them.
 * Per message it costs little more than amqplib itself.
 */
export class ConfirmBatchPublisher implements BatchPublisher {
  private readonly channel: ManagedChannel<ConfirmChannel>;
  /** In order; those that are over leave at the front. */
  private readonly batches = new Set<Batch>();
  /** The first of `batches` that is not wholly sent, and those behind it. */
  private readonly unsent: Batch[] = [];
  private inFlight = 0;
  private progressAt = 0;
  private stallTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: ConfirmBatchPublisherOptions) {
    const { connection, reopen, logger } = options;
    this.channel = new ManagedChannel({
      name: 'batch-publisher',
      connection,
      create: (model) => model.createConfirmChannel(),
      setup: async () => undefined,
      onLost: () => this.failAll('disconnected'),
      reopen,
      logger,
    });
  }

  publishAll(exchange: string, messages: readonly BatchMessage[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (messages.length === 0) return resolve();
      const batch = { exchange, messages, sent: 0, confirmed: 0, sentAt: 0, isOver: false, resolve, reject };
      if (this.channel.current === undefined) return this.fail(batch, 'disconnected');
      if (this.batches.size === 0) this.watchForStall();
      this.batches.add(batch);
      this.unsent.push(batch);
      this.resume();
    });
  }

  /** Sends as far as the window allows. */
  resume(): void {
    const channel = this.channel.current;
    if (channel === undefined || this.options.connection.blocked !== undefined) return;
    while (this.inFlight < this.options.maxInFlight && this.unsent.length > 0) {
      const batch = this.unsent[0]!;
      if (!batch.isOver) this.send(channel, batch);
      if (batch.isOver || batch.sent === batch.messages.length) this.unsent.shift();
    }
  }

  private send(channel: ConfirmChannel, batch: Batch): void {
    const { exchange, messages } = batch;
    const { signature, maxInFlight } = this.options;
    const onConfirm = (error: Error | null): void => this.confirmed(batch, error);
    const end = Math.min(messages.length, batch.sent + maxInFlight - this.inFlight);
    // One object for all: amqplib has encoded it when `publish` returns.
    const common = { exchange, routingKey: '', type: '', messageId: '', persistent: true, body: undefined };
    const properties = propertiesOf(common, signature);
    try {
      for (; batch.sent < end; batch.sent += 1) {
        const { routingKey, content, type, messageId } = messages[batch.sent]!;
        properties.type = type;
        properties.messageId = messageId;
        channel.publish(exchange, routingKey, content, properties, onConfirm);
        this.inFlight += 1;
      }
    } catch (cause) {
      // A channel that is closing refuses all, and says so by `onLost`.
      this.fail(batch, 'disconnected', cause);
    }
    batch.sentAt = performance.now();
  }

  private confirmed(batch: Batch, error: Error | null): void {
    this.inFlight -= 1;
    this.progressAt = performance.now();
    if (batch.isOver) return this.resumeWhenHalfFree();
    if (error !== null) this.fail(batch, error.message === 'message nacked' ? 'nacked' : 'disconnected', error);
    else if ((batch.confirmed += 1) === batch.messages.length) this.succeed(batch);
    this.resumeWhenHalfFree();
  }

  /** Sending a few hundred at once is cheaper than one after each confirm. */
  private resumeWhenHalfFree(): void {
    if (this.unsent.length > 0 && this.inFlight <= this.options.maxInFlight / 2) this.resume();
  }

  private succeed(batch: Batch): void {
    this.end(batch);
    const recorder = this.options.recorder.sending(batch.exchange);
    recorder.ended('sent', batch.messages.length);
    recorder.confirmed(this.progressAt - batch.sentAt);
    batch.resolve();
  }

  private fail(batch: Batch, code: PublishErrorCode, cause?: unknown): void {
    this.end(batch);
    this.options.recorder.sending(batch.exchange).ended(code, batch.messages.length - batch.confirmed);
    const text = `of ${batch.messages.length} messages for '${batch.exchange}' ${batch.confirmed} were confirmed: ${code}`;
    batch.reject(new PublishError(code, text, batch.sent > 0, cause === undefined ? undefined : { cause }));
  }

  private failAll(code: PublishErrorCode): void {
    this.unsent.length = 0;
    for (const batch of this.batches) this.fail(batch, code);
  }

  private end(batch: Batch): void {
    batch.isOver = true;
    this.batches.delete(batch);
    if (this.batches.size === 0) clearInterval(this.stallTimer);
  }

  private watchForStall(): void {
    const { stallMs, connection } = this.options;
    this.progressAt = performance.now();
    this.stallTimer = setInterval(() => {
      if (performance.now() - this.progressAt < stallMs) return;
      const channel = this.channel.current;
      this.failAll(connection.blocked === undefined ? 'timeout' : 'blocked');
      // What is under way may still be confirmed on this channel, and counts no more.
      if (channel) void this.channel.discard(channel, 'the broker confirms nothing');
    }, stallMs / 4).unref();
  }
}
