import type { PublishErrorCode } from './errors.js';
import type { Failure } from './failure.js';

/** What became of a message that was to be sent; `unsent`: a request without a connection. */
export const SEND_OUTCOMES = [
  'sent',
  'unroutable',
  'timeout',
  'nacked',
  'blocked',
  'disconnected',
  'unsent',
] as const satisfies ('sent' | PublishErrorCode | 'unsent')[];
export type SendOutcome = (typeof SEND_OUTCOMES)[number];

/**
 * How a request ended that was not done, although its message is acknowledged. `failed`: the fault of the service or of what it
 * needs; `expired`: its deadline had passed, and it got no reply.
 */
export type RequestFailure = 'refused' | 'failed' | 'expired';

/** Counts what is sent to one exchange. */
export interface SendRecorder {
  ended(outcome: SendOutcome, messages?: number): void;
  /** The broker has confirmed a message, or the last of a batch, so many ms after it was sent. */
  confirmed(ms: number): void;
}

/** Counts what is taken from one queue. */
export interface ConsumeRecorder {
  consumed(messages: number): void;
  /** A message, or a batch, was handled; `failure` where it was not done. */
  processed(ms: number, failure?: Failure['fate'] | RequestFailure): void;
}

/** Is called with what happens to messages, on busy paths: its methods are cheap and do not throw. */
export interface MessagingRecorder {
  /** Called for each message. */
  sending(exchange: string): SendRecorder;
  /** Called once for each consumer. */
  consuming(queue: string): ConsumeRecorder;
  /** The broker holds a dead letter. */
  deadLettered(reason: string): void;
  /** A message was not believed. `sender`: a known user, `none` or `other`. */
  senderRefused(queue: string, sender: string): void;
}

const ignore = (): void => undefined;

const noSendRecorder: SendRecorder = { ended: ignore, confirmed: ignore };

/** For an `Amqp` whose messages are not counted. */
export const NO_RECORDER: MessagingRecorder = {
  sending: () => noSendRecorder,
  consuming: () => ({ consumed: ignore, processed: ignore }),
  deadLettered: ignore,
  senderRefused: ignore,
};
