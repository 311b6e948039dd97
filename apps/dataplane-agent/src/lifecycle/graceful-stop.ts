import type { ShutdownCommand } from '@signalbox/contracts/messages';
import { settlesWithin, within, type Clock, type Logger } from '@signalbox/platform';
import type { EventPublisher, RestartEvent } from '../broker/event-publisher.js';
import { LAST_MESSAGE_MS, SETTLE_MS } from './stop-bounds.js';

export interface StopOrder {
  readonly drainMs: number;
  /** The command that asked for it; undefined where the supervisor did. */
  readonly command?: ShutdownCommand;
}

export interface GracefulStopOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: Pick<EventPublisher, 'publish'>;
  /** Takes no more commands; resolves when those that were taken are settled and nothing runs. Aborted: what runs is interrupted. */
  readonly drain: (interrupt: AbortSignal) => Promise<unknown>;
  /** Publishes that the agent is `stopped`; resolves with the confirm. */
  readonly publishLastReport: () => Promise<void>;
  /** Stops the engine and closes the connections. */
  readonly close: () => Promise<void>;
}

/** Stops the agent in order and within bounds: drain, interrupt, last report, last event, close. */
export class GracefulStop {
  private readonly interruption = new AbortController();
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: GracefulStopOptions) {}

  /** Aborted when the drain time is over: what still runs is interrupted. */
  get interrupt(): AbortSignal {
    return this.interruption.signal;
  }

  /** Called again while it stops, the shorter drain time counts. */
  stop(order: StopOrder): Promise<void> {
    const cancel = this.options.clock.schedule(order.drainMs, () => this.interruption.abort());
    this.stopped ??= this.stopOnce(order);
    return this.stopped.finally(cancel);
  }

  private async stopOnce({ drainMs, command }: StopOrder): Promise<void> {
    const { clock, logger, drain, publishLastReport, close } = this.options;
    logger.info({ drainMs, restart: command?.restart_id }, 'stop begins');
    const drained = drain(this.interrupt);
    const draining = this.publishStep(command, 'draining');
    await Promise.race([drained, this.interrupted()]);
    if (!(await settlesWithin({ clock, ms: SETTLE_MS }, drained)))
      logger.warn({ ms: SETTLE_MS }, 'messages not settled in time; the broker delivers them again');
    this.interruption.abort();
    await draining;
    await within({ clock, ms: LAST_MESSAGE_MS, what: 'confirm' }, publishLastReport()).catch((error: unknown) =>
      logger.debug({ err: error }, 'last report not confirmed'),
    );
    await this.publishStep(command, 'down');
    await close();
  }

  private async publishStep(command: ShutdownCommand | undefined, step: RestartEvent['step']): Promise<void> {
    if (command === undefined) return;
    const { restart_id } = command;
    await this.options.events
      .publish({ kind: 'restart', restart_id, step, command }, AbortSignal.timeout(LAST_MESSAGE_MS))
      .catch((error: unknown) => this.options.logger.warn({ err: error, step }, 'event of a restart not confirmed'));
  }

  private interrupted(): Promise<void> {
    const signal = this.interrupt;
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
