import { DATAPLANE_EVENT, eventKey, exchanges, type DataplaneEvent } from '@signalbox/contracts/messages';
import { PublishError, type Publisher } from '@signalbox/messaging';
import { Backoff, wait, type Clock, type Logger } from '@signalbox/platform';

const RETRY = { minMs: 200, maxMs: 5_000 };

/** An event without the members that this class adds. */
type WithoutOrigin<Event> = Event extends DataplaneEvent ? Omit<Event, 'dataplane' | 'boot_id' | 'at'> : never;
export type CommandEvent = WithoutOrigin<DataplaneEvent>;
export type RestartEvent = Extract<CommandEvent, { kind: 'restart' }>;
export type OperationEvent = Extract<CommandEvent, { kind: 'operation' }>;

export interface EventPublisherOptions {
  readonly dataplane: string;
  readonly bootId: string;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Publishes what became of commands, and retries until the broker has confirmed it. */
export class EventPublisher {
  constructor(private readonly options: EventPublisherOptions) {}

  /**
   * Resolves when the broker has confirmed the event. Each try has the same message id, so that a repeat is harmless.
   * @throws the reason of the signal, once that is aborted
   */
  async publish(event: CommandEvent, signal: AbortSignal): Promise<void> {
    const { dataplane, bootId, publisher, clock, logger } = this.options;
    const subject = event.kind === 'restart' ? event.restart_id : event.operation_id;
    const body = { ...event, dataplane, boot_id: bootId, at: clock.now() } as DataplaneEvent;
    const message = {
      exchange: exchanges.reports.name,
      routingKey: eventKey(dataplane),
      type: DATAPLANE_EVENT,
      messageId: `${subject}:${event.step}:${bootId}`,
      body,
      persistent: true,
      mandatory: true,
    };
    const backoff = new Backoff(RETRY);
    for (let isFirst = true; ; isFirst = false) {
      signal.throwIfAborted();
      try {
        return await unlessAborted(publisher.publish(message), signal);
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        const level = isFirst ? 'warn' : 'debug';
        logger[level]({ event: message.messageId, reason: error.message }, 'event not confirmed; retrying');
      }
      await wait({ clock, ms: backoff.nextMs(), signal });
    }
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
