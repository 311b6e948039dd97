import {
  commandKey,
  dataplaneCommandTypes,
  operationsQueue,
  runCommand,
  type RunCommand,
} from '@signalbox/contracts/messages';
import { DeadMessage, TryAgain, type Amqp, type Delivery, type Subscription } from '@signalbox/messaging';
import { LinkedAbort, redactUrl, type Logger } from '@signalbox/platform';
import type { EventPublisher, OperationEvent } from '../broker/event-publisher.js';
import type { OperationRunner } from '../engines/engine.js';
import { CancelledOperations } from './cancelled-operations.js';

const MAX_ERROR_LENGTH = 2_000;

/** How long the event of an interrupted operation may take to be confirmed, ms: the process is about to exit. */
const INTERRUPTED_EVENT_MS = 2_000;

export interface RunCommandsOptions {
  readonly amqp: Pick<Amqp, 'subscribe'>;
  readonly dataplane: string;
  readonly runner: OperationRunner;
  readonly events: Pick<EventPublisher, 'publish'>;
  /** Aborted: running operations are interrupted and their commands go back to the queue. */
  readonly interrupt: AbortSignal;
  readonly logger: Logger;
  /** After each change of `active`. */
  readonly onChange: () => void;
}

/**
 * Consumes the operations queue of this dataplane and runs what it takes. A command is acknowledged when the broker has confirmed the
 * event of its outcome, so that an operation whose agent dies is run again by the next incarnation.
 */
export class RunCommands {
  private readonly subscription: Subscription;
  private waitingCount = 0;
  private readonly runs = new Map<string, Promise<OperationEvent>>();
  private readonly cancelled = new CancelledOperations();

  constructor(private readonly options: RunCommandsOptions) {
    const { amqp, dataplane, runner, onChange } = options;
    this.subscription = amqp.subscribe({
      queue: operationsQueue(dataplane).name,
      // dataplane-control declares it when it has received the first report.
      awaitsQueue: true,
      prefetch: runner.atOnce,
      schema: runCommand,
      handler: (delivery) => this.receive(delivery),
      onActive: onChange,
      onInactive: onChange,
    });
    this.subscription.ready.catch(() => undefined);
  }

  get active(): boolean {
    return this.subscription.active;
  }

  /** Taken from the queue and not handed to the engine yet. */
  get waiting(): number {
    return this.waitingCount;
  }

  /** Ends an operation that runs; one whose command comes later is not run. */
  cancel(operationId: string): void {
    this.cancelled.add(operationId);
  }

  /** Takes no more commands; resolves when those that were taken are settled. */
  close(): Promise<void> {
    return this.subscription.close();
  }

  private async receive({ type, body, routingKey }: Delivery<RunCommand>): Promise<void> {
    // The sender was believed for the key. Those that may send other commands can get them into this queue.
    if (routingKey !== commandKey(this.options.dataplane, 'run'))
      throw new DeadMessage('wrong-key', 'an operation travels with the key of operations');
    if (type !== dataplaneCommandTypes.run)
      throw new DeadMessage('unknown-type', `only ${dataplaneCommandTypes.run} is handled here`);
    if (body.dataplane !== this.options.dataplane)
      throw new DeadMessage('wrong-dataplane', 'the command is for another dataplane');
    await this.execute(body);
  }

  private async execute(command: RunCommand): Promise<void> {
    const { operation_id, request } = command;
    const { events, interrupt, logger } = this.options;
    const log = logger.child({ operation: operation_id, kind: request.kind });
    try {
      if (this.cancelled.has(operation_id)) {
        log.info('operation cancelled before it was started');
        return await events.publish({ kind: 'operation', operation_id, step: 'cancelled', command }, interrupt);
      }
      await this.begin(command);
      log.info('operation started');
      const begun = performance.now();
      const outcome = await this.outcome(command);
      await events.publish(outcome, interrupt);
      const ms = Math.round(performance.now() - begun);
      log.info({ outcome: outcome.step, reason: outcome.error, ms }, 'operation ended');
    } catch (error) {
      if (!interrupt.aborted) throw error;
      log.warn('operation interrupted');
      await events
        .publish(
          { kind: 'operation', operation_id, step: 'interrupted', command },
          AbortSignal.timeout(INTERRUPTED_EVENT_MS),
        )
        .catch((reason: unknown) => log.warn({ err: reason }, 'event of the interruption not confirmed'));
      throw new TryAgain('the agent stops');
    }
  }

  private async begin(command: RunCommand): Promise<void> {
    const { events, interrupt } = this.options;
    const { operation_id } = command;
    this.waitingCount += 1;
    try {
      await events.publish({ kind: 'operation', operation_id, step: 'started', command }, interrupt);
    } finally {
      this.waitingCount -= 1;
    }
  }

  /** A lost connection brings the command again while its operation still runs; the operation is not run twice for that. */
  private outcome(command: RunCommand): Promise<OperationEvent> {
    const { operation_id } = command;
    const known = this.runs.get(operation_id);
    if (known) return known;
    const run = this.run(command).finally(() => {
      this.runs.delete(operation_id);
      this.cancelled.ended(operation_id);
    });
    this.runs.set(operation_id, run);
    return run;
  }

  private async run(command: RunCommand): Promise<OperationEvent> {
    const { runner, interrupt } = this.options;
    const { operation_id, request } = command;
    const event = { kind: 'operation', operation_id, command } as const;
    const cancelled = this.cancelled.signal(operation_id);
    const ended = new LinkedAbort(interrupt, cancelled);
    try {
      const result = (await runner.run(operation_id, request, ended.signal)) as NonNullable<OperationEvent['result']>;
      return { ...event, step: 'finished', result };
    } catch (error) {
      if (interrupt.aborted) throw error;
      if (cancelled.aborted) return { ...event, step: 'cancelled' };
      return { ...event, step: 'failed', error: textOf(error) };
    } finally {
      ended.end();
    }
  }
}

function textOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return 'it needs more memory than a worker may use (SIGNALBOX_WORKER_MEMORY_MB)';
  return redactUrl(message || String(code ?? error)).slice(0, MAX_ERROR_LENGTH);
}
