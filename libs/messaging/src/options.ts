import type { BackoffBounds, Changing, Logger } from '@signalbox/platform';
import type { ChannelModel, SocketOptions } from 'amqplib';
import type { ZodType } from 'zod';

import type { Delivery, RawDelivery } from './delivery.js';
import type { MessagingRecorder } from './recorder.js';
import type { Topology } from './topology.js';

/** How to reach the broker and what must exist there. */
export interface AmqpOptions {
  /**
   * `amqp:` or `amqps:`, with credentials and vhost; of a cluster with several hosts (`brokerUrlsOf`), of which each try to connect takes the
   * next. Never logged. Each new connection uses that of now, if its user is the same.
   */
  readonly url: Changing<string>;
  /** Names the two connections at the broker (`gateway/publish`, `gateway/consume`) and signs messages as `appId`. */
  readonly name: string;
  readonly logger: Logger;
  /** Declared at each (re)connect, before anything is consumed or published. Exclusive queues belong to a subscription. */
  readonly topology: Topology;
  /** Where dead letters go, with the source queue as routing key. A queue must be bound to it, or nothing can be dead-lettered. */
  readonly deadLetters: { readonly exchange: string };
  /** Who is believed. Default: everybody. */
  readonly senders?: SenderRules;
  /**
   * What the broker was prepared with: it is not declared but looked for, which needs no permission. Default: nothing, and this process
   * declares its whole topology.
   */
  readonly prepared?: Topology;
  /** The topic exchange through which replies travel, default `signalbox.replies`. */
  readonly replies?: string;
  /** Whether requests are sent: then there is a queue for the replies, `<name>.replies.<id>`. Default true. */
  readonly asks?: boolean;
  /** AMQP heartbeat in seconds, default 5. A silent peer is noticed after two to three of them. */
  readonly heartbeatSeconds?: number;
  /** Bounds of the wait between two tries, default 100 ms to 5,000 ms; it doubles, with jitter. */
  readonly reconnect?: BackoffBounds;
  /** How long a publish waits for the broker's confirm, default 10,000 ms. */
  readonly confirmTimeoutMs?: number;
  /** Most messages sent and not yet confirmed, default 1,000. Further publishes wait. */
  readonly maxInFlight?: number;
  /** Most messages of batches sent and not yet confirmed, default 4,000. */
  readonly maxBatchInFlight?: number;
  /** Batches fail when the broker confirms none of their messages for so long, default 30,000 ms. */
  readonly batchStallMs?: number;
  /** Counts messages, for metrics: `messagingRecorder`. Default: nothing does. */
  readonly recorder?: MessagingRecorder;
  /** How a connection is made, default amqplib's `connect`; the dataplane agent wraps it to count channels. */
  readonly connect?: Connect;
}

/** How a message was published. */
export interface PublishedTo {
  readonly exchange: string;
  readonly routingKey: string;
}

/** Which users of the broker are believed. Called for each message: cheap, and without side effects. */
export interface SenderRules {
  /** All that are known, as labels of metrics. */
  readonly users: readonly string[];
  /** The users whose message is believed that was published like this. */
  sendersOf(message: PublishedTo): 'anyone' | readonly string[];
  /** The users whose reply is believed to a request that was published like this. */
  answerersOf(request: PublishedTo): readonly string[];
}

/** amqplib's `connect`, as far as it is used here. */
export type Connect = (url: string, options: SocketOptions) => Promise<ChannelModel>;

/** The state of both connections together. */
export interface AmqpStatus {
  readonly up: boolean;
  /** Unix ms of the last change of `up`. */
  readonly sinceMs: number;
  /** The broker's reason while it takes no messages (memory, disk), else undefined. */
  readonly blocked: string | undefined;
}

/** A message to publish. */
export interface OutgoingMessage {
  readonly exchange: string;
  readonly routingKey: string;
  /** Anything JSON can say. */
  readonly body: unknown;
  /** The JSON text of the body where its sender has it, who then leaves the body out. */
  readonly json?: string;
  /** What the body is, e.g. `state.delta`. */
  readonly type: string;
  /** Default: a random UUID. The same message sent again should keep its id. */
  readonly messageId?: string;
  /** Fail with `unroutable` when no queue takes it; default false. */
  readonly mandatory?: boolean;
  /** Survive a restart of the broker, in a durable queue; default false. */
  readonly persistent?: boolean;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Dropped from queues when older than this. */
  readonly expirationMs?: number;
}

/** The sending side. */
export interface Publisher {
  /**
   * Sends and resolves on the broker's confirm. Messages leave in the order of the calls.
   * @throws PublishError
   */
  publish(message: OutgoingMessage): Promise<void>;
}

/** A message of a batch: persistent, and with JSON that is encoded already. */
export interface BatchMessage {
  readonly routingKey: string;
  readonly content: Buffer;
  readonly type: string;
  readonly messageId: string;
}

/** The sending side for streams of many messages. */
export interface BatchPublisher {
  /**
   * Resolves when the broker has confirmed all. Messages leave in the order of the calls. Where nothing is confirmed for a while
   * (`batchStallMs`), all that waits fails.
   * @throws PublishError where it is not known that all arrived
   */
  publishAll(exchange: string, messages: readonly BatchMessage[]): Promise<void>;
}

export interface ConsumerOptions {
  readonly queue: string;
  /** What this consumer alone needs, such as its exclusive queue; declared at each (re)start of its channel. */
  readonly declare?: Topology;
  /**
   * Another process declares the queue, perhaps later, or holds it exclusively: until it can be consumed, it is waited for without a warning.
   * Default false.
   */
  readonly awaitsQueue?: boolean;
  /** Bounds of the wait between two tries to consume, default those of the connection. */
  readonly reopen?: BackoffBounds;
  /** Called each time consuming (re)starts, with everything declared. What was sent to an exclusive queue before is gone. */
  readonly onActive?: () => void;
  /** Called each time consuming stops by itself: connection lost, queue deleted. */
  readonly onInactive?: () => void;
}

export interface HandlerOptions extends ConsumerOptions {
  /** Most messages handled at once, default 100. Handlers start in order of arrival; with 1, each waits for the one before. */
  readonly prefetch?: number;
  /** A larger message is dead-lettered undecoded; default 1 MiB. */
  readonly maxBytes?: number;
  /** Where a message whose handler failed waits for its next try; without it, the message is dead-lettered at once. */
  readonly retry?: RetryPath;
}

/**
 * The queues in which a failed message waits, one a try, and the exchange that takes it there (routing key = queue). Each gives
 * back what waited long enough through the same exchange, with the name of the queue that it came from as key: a TTL, and a dead letter
 * target. They must stand in the topology.
 */
export interface RetryPath {
  readonly exchange: string;
  readonly queues: readonly string[];
}

/**
 * One message per call. The handler returns: acknowledged. It throws: tried again along the retry path and then dead-lettered with
 * the reason `handler-failed`; a DeadMessage or a RequestRefused dead-letters it at once.
 */
export interface SubscriptionOptions<T> extends HandlerOptions {
  /** Of every message, or chosen by the message. A message without a schema is of an unknown type, and dead. */
  readonly schema: ZodType<T> | ((message: Pick<RawDelivery, 'type'>) => ZodType<T> | undefined);
  readonly handler: (delivery: Delivery<T>) => void | Promise<void>;
}

/** Many messages per call, one call at a time. It returns: all are acknowledged. It throws: each is dead-lettered. */
export interface BatchSubscriptionOptions extends ConsumerOptions {
  /** Most messages per call, default 256. */
  readonly maxBatch?: number;
  /** How long a batch may gather, default 0: what came in one read of the connection. */
  readonly maxWaitMs?: number;
  /**
   * How long a handled message may wait to be acknowledged with others, default 0. `maxBatch` of them do not wait, so the prefetch count should be
   * larger.
   */
  readonly ackWithinMs?: number;
  /** Unacknowledged messages the broker may hand out, default twice `maxBatch`. */
  readonly prefetch?: number;
  /**
   * Gets the messages in order of arrival, undecoded: to judge single items, use `decodeJson` and `Amqp.deadLetter`. One that returns no promise
   * has handled them.
   */
  readonly handler: (batch: readonly RawDelivery[]) => void | Promise<void>;
  /** Gets what was delivered and not handled when the channel ended. The broker delivers it again, unless the queue has ended too. */
  readonly onForgotten?: (deliveries: readonly RawDelivery[]) => void;
}

/**
 * The answering side of request/reply. A thrown RequestRefused is answered with its code, a DeadMessage as `invalid_request`, any
 * other error as `internal`. A message without a requester is treated as by a plain subscription.
 */
export interface ResponderOptions<Req, Res> extends HandlerOptions {
  readonly schema: ZodType<Req>;
  readonly handler: (request: Delivery<Req>) => Res | Promise<Res>;
}

/** A request to the queue that is bound to `exchange` with `routingKey`. */
export interface RequestOptions<Res> {
  readonly exchange: string;
  readonly routingKey: string;
  readonly type: string;
  readonly body: unknown;
  /** What the reply's body must be. */
  readonly schema: ZodType<Res>;
  /** How long to wait, default 5,000 ms. Sent along as `deadline`: no request is executed after its requester has given up. */
  readonly timeoutMs?: number;
  /** Default: a random UUID. A responder with an inbox answers one that it has seen as it did before. */
  readonly messageId?: string;
  /**
   * Repeat the request, with the same id, until it is answered or for this long (ms). The reply to any attempt answers it; an error
   * only where no later attempt was sent. Only for requests that may arrive twice: a query, or a command whose responder recognizes repeats. Default: one try.
   */
  readonly repeatForMs?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** A consumer that survives the loss of its channel and of the connection. */
export interface Subscription {
  /** True while the broker hands messages to us. */
  readonly active: boolean;
  /** Resolves when consuming starts for the first time; rejects if the subscription is closed before. */
  readonly ready: Promise<void>;
  /** Stops taking messages and resolves when what runs is finished and acknowledged. */
  close(): Promise<void>;
}

/** A message to dead-letter, or one item of a batch. */
export interface DeadLetterOptions {
  /** A short kebab-case word, e.g. `bad-heartbeat`. */
  readonly reason: string;
  /** For people: what is wrong and where; cut at 1,000 characters. Never the message's own values. */
  readonly detail: string;
  /** The message it came in. */
  readonly source: RawDelivery;
  /** Who sent it, where the item says so better than the message: `source.sender`. */
  readonly sender?: string | undefined;
  /** The one bad item, dead-lettered as a JSON message of its own; without it the source is dead-lettered as it came. */
  readonly item?: { readonly body: unknown };
}
