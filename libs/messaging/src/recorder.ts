import type { Failure } from './failure.js';
import type { PublishErrorCode } from './errors.js';

/** What became of a message that was to be sent; `unsent`: a request without a connection. */
export type SendOutcome = 'sent' | PublishErrorCode | 'unsent';

/** Counts what is sent to one exchange. */
export interface SendRecorder {
  ended(outcome: SendOutcome): void;
  /** The broker has confirmed a message, so many ms after it was sent. */
  confirmed(ms: number): void;
}

/** Counts what is taken from one queue. */
export interface ConsumeRecorder {
  consumed(messages: number): void;
  /** A message, or a batch, was handled; `fate` where that failed. */
  processed(ms: number, fate?: Failure['fate']): void;
}

/** Is called with what happens to messages, on busy paths: its methods are cheap and do not throw. */
export interface MessagingRecorder {
  /** Called for each message. */
  sending(exchange: string): SendRecorder;
  /** Called once for each consumer. */
  consuming(queue: string): ConsumeRecorder;
  /** The broker holds a dead letter. */
  deadLettered(reason: string): void;
}

const ignore = (): void => undefined;

const noSendRecorder: SendRecorder = { ended: ignore, confirmed: ignore };

/** For an `Amqp` whose messages are not counted. */
export const NO_RECORDER: MessagingRecorder = {
  sending: () => noSendRecorder,
  consuming: () => ({ consumed: ignore, processed: ignore }),
  deadLettered: ignore,
};
