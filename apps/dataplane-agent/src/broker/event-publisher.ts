import { setTimeout as wait } from 'node:timers/promises';
import { DATAPLANE_EVENT, eventKey, exchanges, type DataplaneEvent } from '@signalbox/contracts/messages';
import { PublishError, type Publisher } from '@signalbox/messaging';
import type { Clock, Logger } from '@signalbox/platform';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/** An event without what all of them share. */
type Told<Event> = Event extends DataplaneEvent ? Omit<Event, 'dataplane' | 'boot_id' | 'at'> : never;
export type News = Told<DataplaneEvent>;

export interface EventTellerOptions {
  readonly dataplane: string;
  readonly bootId: string;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tells what became of commands, until the broker has confirmed it. */
export class EventTeller {
  constructor(private readonly options: EventTellerOptions) {}

  /**
   * Resolves when the broker keeps it. Told again it has the same id, so that a repeat is harmless.
   * @throws the reason of the signal, once that is aborted
   */
  async tell(news: News, signal: AbortSignal): Promise<void> {
    const { dataplane, bootId, publisher, clock, logger } = this.options;
    const subject = news.kind === 'restart' ? news.restart_id : news.operation_id;
    const body = { ...news, dataplane, boot_id: bootId, at: clock.now() } as DataplaneEvent;
    const message = {
      exchange: exchanges.reports.name,
      routingKey: eventKey(dataplane),
      type: DATAPLANE_EVENT,
      messageId: `${subject}:${news.step}:${bootId}`,
      body,
      persistent: true,
      mandatory: true,
    };
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
      signal.throwIfAborted();
      try {
        return await unlessAborted(publisher.publish(message), signal);
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        const level = waitMs === FIRST_WAIT_MS ? 'warn' : 'debug';
        logger[level]({ event: message.messageId, reason: error.message }, 'an event is not told yet; trying again');
      }
      await wait(waitMs, undefined, { signal });
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
