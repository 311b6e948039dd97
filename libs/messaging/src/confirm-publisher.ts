import type { ConfirmChannel, Message, Options } from 'amqplib';
import type { BackoffBounds, Logger } from '@signalbox/platform';

import type { BrokerConnection } from './broker-connection.js';
import { contentOf, propertiesOf, type Envelope, type Signature } from './envelope.js';
import { PublishError, type PublishErrorCode } from './errors.js';
import { ExpiringQueue } from './expiring-queue.js';
import { ManagedChannel } from './managed-channel.js';
import type { Publisher } from './options.js';
import type { MessagingRecorder, SendRecorder } from './recorder.js';

export interface ConfirmPublisherOptions {
  readonly connection: BrokerConnection;
  readonly signature: Signature;
  readonly confirmTimeoutMs: number;
  readonly maxInFlight: number;
  readonly reopen: BackoffBounds;
  readonly recorder: MessagingRecorder;
  readonly logger: Logger;
}

interface Entry {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly properties: Options.Publish;
  readonly recorder: SendRecorder;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  returned: boolean;
  /** Ms of `performance.now()`; from then on it may arrive, with or without a confirm. */
  sentAt: number | undefined;
}

/**
 * Publishes with confirms on one channel, so that messages keep their order. Waiting for a place in the window and waiting for
 * the confirm are bounded by the confirm timeout each.
 */
export class ConfirmPublisher implements Publisher {
  private readonly channel: ManagedChannel<ConfirmChannel>;
  private readonly waiting: ExpiringQueue<Entry>;
  private readonly inFlight: ExpiringQueue<Entry>;
  private onIdle: (() => void)[] = [];

  constructor(private readonly options: ConfirmPublisherOptions) {
    const { connection, confirmTimeoutMs, reopen, logger } = options;
    this.waiting = new ExpiringQueue(confirmTimeoutMs, (entry) => this.expired(entry));
    this.inFlight = new ExpiringQueue(confirmTimeoutMs, (entry) => this.expired(entry));
    this.channel = new ManagedChannel({
      name: 'publisher',
      connection,
      create: (model) => model.createConfirmChannel(),
      setup: async (channel) => void channel.on('return', (message) => this.returned(message)),
      onLost: () => this.lost(),
      reopen,
      logger,
    });
  }

  publish(message: Envelope): Promise<void> {
    return new Promise((resolve, reject) => {
      const { exchange, routingKey } = message;
      const properties = propertiesOf(message, this.options.signature);
      const entry: Entry = {
        exchange,
        routingKey,
        content: contentOf(message),
        properties,
        recorder: this.options.recorder.sending(exchange),
        resolve,
        reject,
        returned: false,
        sentAt: undefined,
      };
      if (this.channel.current === undefined) fail(entry, 'disconnected');
      else if (this.waiting.size > 0 || !this.open()) this.waiting.add(entry);
      else this.send(entry);
    });
  }

  /** A blocked connection is passed on again: messages may be sent. */
  resume(): void {
    while (this.waiting.size > 0 && this.open()) this.send(this.waiting.shift()!);
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async idle(): Promise<void> {
    if (this.waiting.size + this.inFlight.size > 0) await new Promise<void>((resolve) => this.onIdle.push(resolve));
  }

  private open(): boolean {
    return this.inFlight.size < this.options.maxInFlight && this.options.connection.blocked === undefined;
  }

  private send(entry: Entry): void {
    const channel = this.channel.current;
    if (!channel) return fail(entry, 'disconnected');
    const { exchange, routingKey, content, properties } = entry;
    try {
      channel.publish(exchange, routingKey, content, properties, (error: Error | null) => this.confirmed(entry, error));
    } catch (error) {
      // A channel that is closing refuses all; anything else is about this message, such as headers too large to encode.
      if (error instanceof Error && error.name === 'IllegalOperationError') return fail(entry, 'disconnected', error);
      return entry.reject(error);
    }
    entry.sentAt = performance.now();
    this.inFlight.add(entry);
  }

  /** The broker returns what it cannot route before it confirms it, but not always before it confirms what was sent earlier. */
  private returned({ fields: { exchange, routingKey }, properties: { messageId } }: Message): void {
    for (const entry of this.inFlight.items()) {
      if (entry.returned || entry.properties.mandatory !== true || entry.properties.messageId !== messageId) continue;
      if (entry.exchange !== exchange || entry.routingKey !== routingKey) continue;
      entry.returned = true;
      return;
    }
  }

  private confirmed(entry: Entry, error: Error | null): void {
    if (!this.inFlight.delete(entry)) return;
    if (error) fail(entry, error.message === 'message nacked' ? 'nacked' : 'disconnected', error);
    else if (entry.returned) fail(entry, 'unroutable');
    else succeed(entry);
    this.settled();
  }

  private expired(entry: Entry): void {
    fail(entry, this.options.connection.blocked === undefined ? 'timeout' : 'blocked');
    this.settled();
  }

  private lost(): void {
    for (const queue of [this.inFlight, this.waiting]) {
      for (let entry = queue.shift(); entry; entry = queue.shift()) fail(entry, 'disconnected');
    }
    this.settled();
  }

  private settled(): void {
    this.resume();
    if (this.waiting.size + this.inFlight.size > 0) return;
    for (const resolve of this.onIdle.splice(0)) resolve();
  }
}

const MEANING: Record<PublishErrorCode, string> = {
  disconnected: 'no connection to the broker',
  timeout: 'the broker did not confirm in time',
  unroutable: 'no queue takes this message',
  nacked: 'the broker refused the message',
  blocked: 'the broker takes no messages at present',
};

function succeed({ recorder, sentAt, resolve }: Entry): void {
  recorder.ended('sent');
  if (sentAt !== undefined) recorder.confirmed(performance.now() - sentAt);
  resolve();
}

function fail({ exchange, routingKey, sentAt, recorder, reject }: Entry, code: PublishErrorCode, cause?: Error): void {
  recorder.ended(code);
  // A returned message reached no queue; a message that one queue refuses may be in another.
  const maybeSent = sentAt !== undefined && code !== 'unroutable';
  reject(
    new PublishError(
      code,
      `${MEANING[code]} (exchange '${exchange}', key '${routingKey}')`,
      maybeSent,
      cause && { cause },
    ),
  );
}
