import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import type { Channel, ConsumeMessage, Message } from 'amqplib';
import { Backoff, type BackoffBounds, type Logger } from '@signalbox/platform';
import { z, type ZodType } from 'zod';

import type { BrokerConnection } from './broker-connection.js';
import { decode } from './decode.js';
import { rawDelivery, type RawDelivery } from './delivery.js';
import { contentOf, propertiesOf, type Envelope } from './envelope.js';
import { RequestError } from './errors.js';
import { ManagedChannel } from './managed-channel.js';
import type { RequestOptions } from './options.js';

/** The broker's name for "back to the channel this was sent on". It wants request and reply on one channel, without acks. */
const DIRECT_REPLY = 'amq.rabbitmq.reply-to';
const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_REPLY_BYTES = 16 * 1024 * 1024;
const REPEAT: BackoffBounds = { minMs: 100, maxMs: 2_000 };

const refusal = z.object({ code: z.string(), message: z.string() });

export interface RequestClientOptions {
  readonly connection: BrokerConnection;
  readonly appId: string;
  readonly reopen: BackoffBounds;
  readonly logger: Logger;
}

interface Pending {
  readonly answered: (reply: RawDelivery) => void;
  readonly failed: (error: RequestError) => void;
}

/** Asks and waits for the answer. Whatever is pending when the channel is lost is told at once. */
export class RequestClient {
  private readonly channel: ManagedChannel<Channel>;
  private readonly pending = new Map<string, Pending>();

  constructor(private readonly options: RequestClientOptions) {
    const { connection, reopen, logger } = options;
    this.channel = new ManagedChannel({
      name: 'requests',
      connection,
      create: (model) => model.createChannel(),
      setup: (channel) => this.listen(channel),
      onLost: () => this.lost(),
      reopen,
      logger,
    });
  }

  /** @throws RequestError */
  request<Res>(options: RequestOptions<Res>): Promise<Res> {
    return options.repeatForMs === undefined ? this.once(options) : this.repeated(options, options.repeatForMs);
  }

  /** One request, asked again while nothing answers it. Whatever was unknown once stays unknown, also if the last try never left. */
  private async repeated<Res>(options: RequestOptions<Res>, forMs: number): Promise<Res> {
    const { messageId = randomUUID(), timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const endsAt = performance.now() + forMs;
    const backoff = new Backoff(REPEAT);
    let unknown: RequestError | undefined;
    for (;;) {
      const leftMs = endsAt - performance.now();
      try {
        return await this.once({ ...options, messageId, timeoutMs: Math.max(1, Math.min(timeoutMs, leftMs)) });
      } catch (error) {
        if (!(error instanceof RequestError) || error.code === 'refused' || error.code === 'undecodable') throw error;
        if (error.maybeDone) unknown = error;
        const waitMs = backoff.nextMs();
        if (waitMs >= endsAt - performance.now()) throw unknown ?? error;
        await wait(waitMs);
      }
    }
  }

  private once<Res>(options: RequestOptions<Res>): Promise<Res> {
    const { schema, timeoutMs = DEFAULT_TIMEOUT_MS, repeatForMs: _, headers, ...message } = options;
    const correlationId = randomUUID();
    const where = `${message.type} to '${message.routingKey}'`;
    return new Promise<Res>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.pending.delete(correlationId);
      };
      const failed = (error: unknown): void => {
        settle();
        reject(error);
      };
      const answered = (reply: RawDelivery): void => {
        settle();
        try {
          resolve(understood(reply, schema));
        } catch (error) {
          reject(error);
        }
      };
      const timer = setTimeout(
        () => failed(new RequestError('timeout', `no answer in ${timeoutMs} ms: ${where}`)),
        timeoutMs,
      );
      this.pending.set(correlationId, { answered, failed });
      try {
        const deadline = Date.now() + timeoutMs;
        this.send({
          ...message,
          headers: { ...headers, deadline },
          expirationMs: timeoutMs,
          mandatory: true,
          messageId: message.messageId ?? correlationId,
          correlationId,
          replyTo: DIRECT_REPLY,
        });
      } catch (error) {
        failed(error);
      }
    });
  }

  private send(message: Envelope): void {
    const channel = this.channel.current;
    if (!channel) throw new RequestError('unsent', 'no connection to the broker');
    channel.publish(
      message.exchange,
      message.routingKey,
      contentOf(message),
      propertiesOf(message, this.options.appId),
    );
  }

  private async listen(channel: Channel): Promise<void> {
    channel.on('return', ({ fields, properties: { correlationId } }: Message) => {
      const error = new RequestError('unroutable', `nobody takes requests for '${fields.routingKey}'`);
      this.pending.get(correlationId)?.failed(error);
    });
    const onReply = (message: ConsumeMessage | null): void => {
      if (message) this.pending.get(message.properties.correlationId)?.answered(rawDelivery(DIRECT_REPLY, message));
    };
    await channel.consume(DIRECT_REPLY, onReply, { noAck: true });
  }

  private lost(): void {
    for (const { failed } of this.pending.values())
      failed(new RequestError('disconnected', 'the connection went while waiting'));
  }
}

/** @throws RequestError */
function understood<Res>(reply: RawDelivery, schema: ZodType<Res>): Res {
  if (reply.type === 'error') {
    const { code, message } = bodyOf(reply, refusal);
    throw new RequestError('refused', message, code);
  }
  return bodyOf(reply, schema);
}

function bodyOf<T>(reply: RawDelivery, schema: ZodType<T>): T {
  const decoded = decode(reply, schema, MAX_REPLY_BYTES);
  if (!decoded.ok) throw new RequestError('undecodable', `the answer was not understood: ${decoded.detail}`);
  return decoded.body;
}
