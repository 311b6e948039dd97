export { Amqp } from './amqp.js';
export { userOf, vhostOf } from './broker-url.js';
export { connectToBroker } from './connect-to-broker.js';
export { decodeJson, UNDECODABLE_REASONS, type Decoded, type UndecodableReason } from './decode.js';
export type { Delivery, RawDelivery } from './delivery.js';
export {
  DeadMessage,
  ExpiredMessage,
  PublishError,
  RequestError,
  RequestRefused,
  TryAgain,
  Unavailable,
  type PublishErrorCode,
  type RequestErrorCode,
} from './errors.js';
export { messagingRecorder } from './messaging.metrics.js';
export type {
  AmqpOptions,
  AmqpStatus,
  BatchMessage,
  BatchPublisher,
  BatchSubscriptionOptions,
  Connect,
  OutgoingMessage,
  DeadLetterOptions,
  PublishedTo,
  Publisher,
  RequestOptions,
  ResponderOptions,
  RetryPath,
  SenderRules,
  Subscription,
  SubscriptionOptions,
} from './options.js';
export type { MessagingRecorder } from './recorder.js';
export {
  declareTopology,
  type BindingSpec,
  type ExchangeBindingSpec,
  type ExchangeSpec,
  type QueueSpec,
  type Topology,
} from './topology.js';
export { formatTopology } from './topology.format.js';
