import {
  cancelCommand,
  controlQueue,
  dataplaneCommandTypes,
  shutdownCommand,
  type CancelCommand,
  type ShutdownCommand,
} from '@signalbox/contracts/messages';
import { TryAgain, type Amqp, type Delivery, type Subscription } from '@signalbox/messaging';
import { LinkedAbort, type Clock, type Logger } from '@signalbox/platform';
import { z } from 'zod';
import type { EventPublisher } from '../broker/event-publisher.js';
import { judgeShutdown, type Verdict } from './judge-shutdown.rules.js';

export interface ControlCommandsOptions {
  readonly amqp: Pick<Amqp, 'subscribe'>;
  readonly dataplane: string;
  readonly bootId: string;
  readonly events: Pick<EventPublisher, 'publish'>;
  /** Aborted: no event is published any more. */
  readonly interrupt: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After each change of `active`. */
  readonly onChange: () => void;
  readonly onHealthRequest: () => void;
  /** Begins the stop and returns at once: the command is acknowledged only after that. */
  readonly onShutdown: (command: ShutdownCommand) => void;
  readonly onCancel: (operationId: string) => void;
}

type ControlCommand = ShutdownCommand | CancelCommand | undefined;

/** By AMQP type. Others are dead-lettered, and so are invalid bodies. The body of a health request is not read: undefined. */
const CONTROL_SCHEMAS = new Map<string | undefined, z.ZodType<ControlCommand>>([
  [dataplaneCommandTypes.shutdown, shutdownCommand],
  [dataplaneCommandTypes.cancel, cancelCommand],
  [dataplaneCommandTypes.healthRequest, z.unknown().transform(() => undefined)],
]);

/** Consumes the control queue of this dataplane, one command at a time. A command is acknowledged when the broker has confirmed its event. */
export class ControlCommands {
  private readonly subscription: Subscription;
  private executing: string | undefined;

  constructor(private readonly options: ControlCommandsOptions) {
    const { amqp, dataplane, onChange } = options;
    this.subscription = amqp.subscribe({
      queue: controlQueue(dataplane).name,
      // dataplane-control declares it when it has received the first report.
      awaitsQueue: true,
      prefetch: 1,
      schema: ({ type }) => CONTROL_SCHEMAS.get(type),
      handler: (delivery) => this.receive(delivery),
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

  private receive({ body: command }: Delivery<ControlCommand>): void | Promise<void> {
    if (command === undefined) return this.options.onHealthRequest();
    return 'restart_id' in command ? this.shutdown(command) : this.options.onCancel(command.operation_id);
  }

  private async shutdown(command: ShutdownCommand): Promise<void> {
    const { dataplane, bootId, events, interrupt, clock, logger, onShutdown } = this.options;
    const { restart_id, drain_seconds, reason } = command;
    const log = logger.child({ restart: restart_id });
    const verdict = judgeShutdown(command, { dataplane, bootId, now: clock.now(), executing: this.executing });
    try {
      const refusal = verdict.kind === 'expired' ? verdict.reason : await this.acknowledge(command, verdict);
      if (refusal !== undefined) {
        log.warn({ why: refusal }, 'restart refused');
        return await events.publish({ kind: 'restart', restart_id, step: 'expired', command }, interrupt);
      }
    } catch (error) {
      if (!interrupt.aborted) throw error;
      throw new TryAgain('the agent stops');
    }
    if (verdict.kind !== 'execute') return;
    log.info({ drain_seconds, reason }, 'restart begins');
    onShutdown(command);
  }

  /** @returns why it is not executed after all: the broker did not confirm the acknowledgement before the command expired */
  private async acknowledge(command: ShutdownCommand, { kind }: Verdict): Promise<string | undefined> {
    const { events, interrupt, clock } = this.options;
    const { restart_id, expires_at } = command;
    const late = new LinkedAbort(interrupt);
    const cancel = clock.schedule(expires_at - clock.now(), () => late.abort());
    this.executing = restart_id;
    try {
      await events.publish({ kind: 'restart', restart_id, step: 'acknowledged', command }, late.signal);
      return undefined;
    } catch (error) {
      if (interrupt.aborted || !late.signal.aborted) throw error;
      // The first delivery publishes what becomes of it.
      if (kind === 'repeated') return undefined;
      this.executing = undefined;
      return 'it could not be acknowledged in time';
    } finally {
      cancel();
      late.end();
    }
  }
}
