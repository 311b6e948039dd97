import {
  controlQueue,
  dataplaneCommandTypes,
  shutdownCommand,
  type ShutdownCommand,
} from '@signalbox/contracts/messages';
import { TryAgain, type Amqp, type Delivery, type Subscription } from '@signalbox/messaging';
import type { Clock, Logger } from '@signalbox/platform';
import { z } from 'zod';
import type { EventTeller } from '../broker/tell-events.js';
import { judgeShutdown, type Verdict } from './judge-shutdown.js';

export interface ControlOptions {
  readonly amqp: Pick<Amqp, 'subscribe'>;
  readonly dataplane: string;
  readonly bootId: string;
  readonly events: EventTeller;
  /** Aborted: nothing is told any more. */
  readonly interrupt: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
  readonly onHealthRequest: () => void;
  /** The stop begins; returns at once, as the command is acknowledged only after that. */
  readonly onShutdown: (command: ShutdownCommand) => void;
}

/** Listens to what this dataplane is told. One command at a time, each acknowledged when its answer is safe at the broker. */
export class Control {
  private readonly subscription: Subscription;
  private obeying: string | undefined;

  constructor(private readonly options: ControlOptions) {
    const { amqp, dataplane, onChange } = options;
    this.subscription = amqp.subscribe({
      queue: controlQueue(dataplane).name,
      prefetch: 1,
      schema: z.unknown(),
      handler: (delivery) => this.hear(delivery),
      onActive: onChange,
      onInactive: onChange,
    });
    this.subscription.ready.catch(() => undefined);
  }

  get active(): boolean {
    return this.subscription.active;
  }

  close(): Promise<void> {
    return this.subscription.close();
  }

  private hear({ type, body }: Delivery<unknown>): void | Promise<void> {
    const { logger, onHealthRequest } = this.options;
    if (type === dataplaneCommandTypes.healthRequest) return onHealthRequest();
    const command = type === dataplaneCommandTypes.shutdown ? shutdownCommand.safeParse(body) : undefined;
    if (command?.success) return this.shutdown(command.data);
    logger.warn({ type }, 'a command is not understood and left');
  }

  private async shutdown(command: ShutdownCommand): Promise<void> {
    const { dataplane, bootId, events, interrupt, clock, logger, onShutdown } = this.options;
    const { restart_id, drain_seconds, reason } = command;
    const log = logger.child({ restart: restart_id });
    const verdict = judgeShutdown(command, { dataplane, bootId, now: clock.now(), obeying: this.obeying });
    try {
      const refusal = verdict.kind === 'expired' ? verdict.reason : await this.acknowledge(command, verdict);
      if (refusal !== undefined) {
        log.warn({ why: refusal }, 'a restart is not obeyed');
        return await events.tell({ kind: 'restart', restart_id, step: 'expired' }, interrupt);
      }
    } catch (error) {
      if (!interrupt.aborted) throw error;
      throw new TryAgain('the agent stops');
    }
    if (verdict.kind !== 'obey') return;
    log.info({ drain_seconds, reason }, 'a restart is obeyed');
    onShutdown(command);
  }

  /** @returns why it is not obeyed after all: a broker that takes nothing may hold it up until nobody wants it any more */
  private async acknowledge(
    { restart_id, expires_at }: ShutdownCommand,
    { kind }: Verdict,
  ): Promise<string | undefined> {
    const { events, interrupt, clock } = this.options;
    const late = new AbortController();
    const cancel = clock.schedule(expires_at - clock.now(), () => late.abort());
    this.obeying = restart_id;
    try {
      await events.tell(
        { kind: 'restart', restart_id, step: 'acknowledged' },
        AbortSignal.any([interrupt, late.signal]),
      );
      return undefined;
    } catch (error) {
      if (interrupt.aborted || !late.signal.aborted) throw error;
      // Whoever heard it first says what became of it.
      if (kind === 'repeated') return undefined;
      this.obeying = undefined;
      return 'it could not be acknowledged in time';
    } finally {
      cancel();
    }
  }
}
