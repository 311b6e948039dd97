import type {
  AmqpOptions,
  AmqpStatus,
  BatchSubscriptionOptions,
  ParkOptions,
  Publisher,
  RequestOptions,
  ResponderOptions,
  Subscription,
  SubscriptionOptions,
} from './options.js';

export declare class Amqp {
  constructor(options: AmqpOptions);
  readonly publisher: Publisher;
  open(): Promise<void>;
  status(): AmqpStatus;
  onStatus(listener: (status: AmqpStatus) => void): () => void;
  subscribe<T>(options: SubscriptionOptions<T>): Subscription;
  subscribeBatch(options: BatchSubscriptionOptions): Subscription;
  respond<Req, Res>(options: ResponderOptions<Req, Res>): Subscription;
  request<Res>(options: RequestOptions<Res>): Promise<Res>;
  park(options: ParkOptions): Promise<void>;
  close(deadlineMs?: number): Promise<void>;
}
