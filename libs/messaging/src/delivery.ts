import type { ConsumeMessage } from 'amqplib';

/** A message as it arrived, its body not yet looked at. */
export interface RawDelivery {
  readonly content: Buffer;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly messageId: string | undefined;
  readonly type: string | undefined;
  readonly correlationId: string | undefined;
  readonly replyTo: string | undefined;
  /** Who sent it first: the user that the broker checked, else what the sender called itself. */
  readonly sender: string | undefined;
  /** That user; undefined where the sender left it out, as programs of others may. */
  readonly user: string | undefined;
  /** The queue it was taken from. */
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** True when the broker has handed it out before: its effect may have happened already. */
  readonly redelivered: boolean;
  /** 1 for the first try, one more after each wait in a retry queue. */
  readonly tries: number;
  /** When this process got it, ms of `performance.now()`: it may have waited here since, for the one before it. */
  readonly arrivedAt: number;
}

/** A message whose body was decoded and accepted by the subscription's schema. */
export interface Delivery<T> {
  readonly body: T;
  /** The user that sent it first, as the broker has validated it; undefined where it named none. */
  readonly user: string | undefined;
  readonly messageId: string | undefined;
  readonly type: string | undefined;
  readonly routingKey: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly redelivered: boolean;
  readonly tries: number;
  /** Unix ms, by the sender's clock, after which the effect is not wanted; undefined: no deadline. */
  readonly deadline: number | undefined;
}

/** What `Retries` notes of a message that waits, since it returns by another exchange and from another user. */
export interface OriginHeaders {
  readonly tries: number;
  readonly 'origin-exchange': string;
  readonly 'origin-routing-key': string;
  readonly 'origin-user'?: string;
}

/**
 * The parts of an AMQP message that the rest of this package speaks of.
 * @param isPassedOn whether its headers are believed that say who published it first, where and how often it was tried
 */
export const rawDelivery = (queue: string, message: ConsumeMessage, isPassedOn: boolean): RawDelivery =>
  new ReceivedMessage(queue, message, isPassedOn);

/** Reads a part when it is asked for: most parts of most messages are not, and a copy of all took longer than the handling of a heartbeat. */
class ReceivedMessage implements RawDelivery {
  readonly arrivedAt = performance.now();

  constructor(
    readonly queue: string,
    private readonly message: ConsumeMessage,
    private readonly isPassedOn: boolean,
  ) {}

  get content(): Buffer {
    return this.message.content;
  }

  get contentType(): string | undefined {
    return this.message.properties.contentType;
  }

  get contentEncoding(): string | undefined {
    return this.message.properties.contentEncoding;
  }

  get messageId(): string | undefined {
    return this.message.properties.messageId;
  }

  get type(): string | undefined {
    return this.message.properties.type;
  }

  get correlationId(): string | undefined {
    return this.message.properties.correlationId;
  }

  get replyTo(): string | undefined {
    return this.message.properties.replyTo;
  }

  get sender(): string | undefined {
    return this.user ?? this.message.properties.appId;
  }

  get user(): string | undefined {
    const { origin } = this;
    return textOf('origin-exchange' in origin ? origin['origin-user'] : this.message.properties.userId);
  }

  get exchange(): string {
    return textOr(this.origin['origin-exchange'], this.message.fields.exchange);
  }

  get routingKey(): string {
    return textOr(this.origin['origin-routing-key'], this.message.fields.routingKey);
  }

  get headers(): Readonly<Record<string, unknown>> {
    return this.message.properties.headers ?? NONE;
  }

  get redelivered(): boolean {
    return this.message.fields.redelivered;
  }

  get tries(): number {
    return 1 + triesBefore(this.origin);
  }

  private get origin(): { readonly [Name in keyof OriginHeaders]?: unknown } {
    return this.isPassedOn ? this.headers : NONE;
  }
}

const NONE: Readonly<Record<string, never>> = Object.freeze({});

/** What a handler gets to see of a message besides its body. */
export function delivery<T>(raw: RawDelivery, body: T): Delivery<T> {
  const { messageId, type, routingKey, headers, redelivered, tries, user } = raw;
  return { body, user, messageId, type, routingKey, headers, redelivered, tries, deadline: deadlineOf(raw) };
}

/** The deadline a sender gave, Unix ms. */
export function deadlineOf({ headers }: Pick<RawDelivery, 'headers'>): number | undefined {
  const deadline = headers['deadline'];
  return typeof deadline === 'number' ? deadline : undefined;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function triesBefore({ tries }: { readonly tries?: unknown }): number {
  return typeof tries === 'number' && tries > 0 ? tries : 0;
}
