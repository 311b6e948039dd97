import { randomUUID } from 'node:crypto';

import type { Channel, ConsumeMessage, Message } from 'amqplib';
import { Backoff, type BackoffBounds, type Logger } from '@signalbox/platform';
import { z, type ZodType } from 'zod';

import type { BrokerConnection } from './broker-connection.js';
import { decode } from './decode.js';
import type { RawDelivery } from './delivery.js';
import { contentOf, propertiesOf, type Envelope, type Signature } from './envelope.js';
import { RequestError, type RequestErrorCode } from './errors.js';
import { ManagedChannel } from './managed-channel.js';
import type { PublishedTo, RequestOptions } from './options.js';
import type { MessagingRecorder, SendOutcome } from './recorder.js';
import { PendingRequest } from './pending-request.js';
import { replyQueue } from './reply-queue.js';
import type { SenderCheck } from './sender-check.js';
import { declareTopology, type Topology } from './topology.js';

const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_REPLY_BYTES = 16 * 1024 * 1024;
const REPEAT: BackoffBounds = { minMs: 100, maxMs: 2_000 };

const refusal = z.object({ code: z.string(), message: z.string() });

export interface RequestClientOptions {
  /** The name of this process, which its queue for replies has too. */
  readonly name: string;
  /** The exchange through which replies travel. */
  readonly replies: string;
  readonly prepared: Topology | undefined;
  readonly senders: SenderCheck;
  readonly connection: BrokerConnection;
  readonly signature: Signature;
  readonly reopen: BackoffBounds;
  readonly recorder: MessagingRecorder;
  readonly logger: Logger;
}

/** Sends the request once and waits so many ms for its reply. @throws RequestError */
type Attempt = (ms: number) => Promise<RawDelivery>;

interface Repeated {
  readonly attempt: Attempt;
  readonly timeoutMs: number;
  readonly forMs: number;
}

/** A request that waits, and how it was published. */
interface Waiting extends PublishedTo {
  readonly pending: PendingRequest;
}

/**
 * Sends requests and waits for their replies. An attempt fails at once when the channel is lost: request and reply use one channel, and
 * each channel has a queue for replies of its own.
 */
export class RequestClient {
  private readonly channel: ManagedChannel<Channel>;
  private readonly waiting = new Map<string, Waiting>();
  private replyTo = '';

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
  async request<Res>(options: RequestOptions<Res>): Promise<Res> {
    const { schema, timeoutMs = DEFAULT_TIMEOUT_MS, repeatForMs, messageId = randomUUID(), ...message } = options;
    const id = randomUUID();
    const pending = new PendingRequest();
    const attempt: Attempt = (ms) =>
      this.attempt(pending, { ms, id, message: { ...message, messageId, replyTo: this.replyTo } });
    this.waiting.set(id, { pending, exchange: options.exchange, routingKey: options.routingKey });
    try {
      const reply = await (repeatForMs === undefined
        ? attempt(timeoutMs)
        : this.repeated(pending, { attempt, timeoutMs, forMs: repeatForMs }));
      return understood(reply, schema);
    } finally {
      this.waiting.delete(id);
    }
  }

  /** Attempts until there is a reply. An outcome that was unknown once stays unknown, also if the last attempt was not sent. */
  private async repeated(pending: PendingRequest, { attempt, timeoutMs, forMs }: Repeated): Promise<RawDelivery> {
    const endsAt = performance.now() + forMs;
    const backoff = new Backoff(REPEAT);
    let unknown: RequestError | undefined;
    for (;;) {
      const leftMs = endsAt - performance.now();
      try {
        return await attempt(Math.max(1, Math.min(timeoutMs, leftMs)));
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        if (error.maybeDone) unknown = error;
        const waitMs = backoff.nextMs();
        if (waitMs >= endsAt - performance.now()) throw unknown ?? error;
        const reply = await pending.replyWithin(waitMs);
        if (reply) return reply;
      }
    }
  }

  private async attempt(
    pending: PendingRequest,
    { ms, id, message }: { readonly ms: number; readonly id: string; readonly message: Envelope },
  ): Promise<RawDelivery> {
    const deadline = Date.now() + ms;
    const headers = { ...message.headers, deadline };
    const correlated = (number: number): Envelope => ({
      ...message,
      correlationId: correlationIdOf({ id, attempt: number }),
      headers,
      expirationMs: ms,
      mandatory: true,
    });
    const recorder = this.options.recorder.sending(message.exchange);
    try {
      const reply = await pending.attempt(ms, (number) => this.send(correlated(number)));
      recorder.ended('sent');
      if (reply) return reply;
    } catch (error) {
      if (error instanceof RequestError) recorder.ended(notSent(error.code));
      throw error;
    }
    throw new RequestError('timeout', `no answer in ${ms} ms: ${message.type} to '${message.routingKey}'`);
  }

  private send(message: Envelope): void {
    const channel = this.channel.current;
    if (!channel) throw new RequestError('unsent', 'no connection to the broker');
    channel.publish(
      message.exchange,
      message.routingKey,
      contentOf(message),
      propertiesOf(message, this.options.signature),
    );
  }

  private async listen(channel: Channel): Promise<void> {
    channel.on('return', ({ fields, properties: { correlationId } }: Message) => {
      const error = new RequestError('unroutable', `no queue is bound for requests to '${fields.routingKey}'`);
      const { id, attempt } = attemptOf(correlationId);
      this.waiting.get(id)?.pending.fail(error, attempt);
    });
    const { name, replies, prepared, senders } = this.options;
    const queue = replyQueue(name, replies);
    const check = senders.of(queue.name);
    await declareTopology(channel, queue.topology, prepared);
    const onReply = (message: ConsumeMessage | null): void => {
      // The broker cancels the consumer of a queue that was deleted.
      if (message === null) return void this.channel.discard(channel, 'the queue for replies is gone');
      const { id, attempt } = attemptOf(message.properties.correlationId);
      const waiting = this.waiting.get(id);
      if (waiting && check.acceptsReply(message, waiting)) waiting.pending.answer(check.read(message), attempt);
    };
    await channel.consume(queue.name, onReply, { noAck: true });
    this.replyTo = queue.name;
  }

  private lost(): void {
    for (const { pending } of this.waiting.values())
      pending.fail(new RequestError('disconnected', 'the connection was lost before the reply came'));
  }
}

/** A request fails to be sent by these; an answer that says no, or none, comes after it was sent. */
const notSent = (code: RequestErrorCode): SendOutcome =>
  code === 'unsent' || code === 'unroutable' || code === 'disconnected' ? code : 'sent';

interface AttemptId {
  /** Of the request; all its attempts share it. */
  readonly id: string;
  /** The first is 1. */
  readonly attempt: number;
}

const correlationIdOf = ({ id, attempt }: AttemptId): string => `${id}.${attempt}`;

/** The attempt that a reply or a returned message names. What names none belongs to no request. */
function attemptOf(correlationId: unknown): AttemptId {
  const [id = '', attempt] = typeof correlationId === 'string' ? correlationId.split('.') : [];
  return { id, attempt: Number(attempt) };
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
  if (!decoded.ok) throw new RequestError('undecodable', `the reply does not match its schema: ${decoded.detail}`);
  return decoded.body;
}
