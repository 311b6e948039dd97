import {
  dataplaneCommandTypes,
  operationsQueue,
  runCommand,
  type OperationRequest,
  type RunCommand,
} from '@signalbox/contracts/messages';
import { DeadMessage, TryAgain, type Amqp, type Delivery, type Subscription } from '@signalbox/messaging';
import { redactUrl, type Logger } from '@signalbox/platform';
import type { EventTeller, News } from '../broker/tell-events.js';
import type { OperationRunner } from '../engines/engine.js';

const LONGEST_ERROR = 2_000;

/** How long the end of an interrupted operation may take to be told, ms: the process is about to go. */
const LAST_WORD_MS = 2_000;

export interface OperationsOptions {
  readonly amqp: Pick<Amqp, 'subscribe'>;
  readonly dataplane: string;
  readonly runner: OperationRunner;
  readonly events: EventTeller;
  /** Aborted: what runs is interrupted and goes back to the queue. */
  readonly interrupt: AbortSignal;
  readonly logger: Logger;
  readonly onChange: () => void;
}

type Outcome = Extract<News, { kind: 'operation' }>;

/**
 * Takes operations from their queue and has them run. A message is acknowledged when the broker keeps the word of its outcome, so
 * that an operation whose agent dies is run again by the next.
 */
export class Operations {
  private readonly subscription: Subscription;
  private waitingCount = 0;
  private readonly runs = new Map<string, Promise<Outcome>>();

  constructor(private readonly options: OperationsOptions) {
    const { amqp, dataplane, runner, onChange } = options;
    this.subscription = amqp.subscribe({
      queue: operationsQueue(dataplane).name,
      prefetch: runner.atOnce,
      schema: runCommand,
      handler: (delivery) => this.take(delivery),
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

  /** Takes no more; resolves when what was taken is settled. */
  close(): Promise<void> {
    return this.subscription.close();
  }

  private async take(delivery: Delivery<RunCommand>): Promise<void> {
    const { dataplane } = this.options;
    if (delivery.type !== dataplaneCommandTypes.run)
      throw new DeadMessage('unknown-type', `only ${dataplaneCommandTypes.run} is understood here`);
    if (delivery.body.dataplane !== dataplane) throw new DeadMessage('wrong-dataplane', 'it is for another dataplane');
    await this.obey(delivery.body);
  }

  private async obey({ operation_id, request }: RunCommand): Promise<void> {
    const { events, interrupt, logger } = this.options;
    const log = logger.child({ operation: operation_id, kind: request.kind });
    try {
      await this.begin(operation_id);
      log.info('operation started');
      const begun = performance.now();
      const outcome = await this.outcome(operation_id, request);
      await events.tell(outcome, interrupt);
      log.info(
        { outcome: outcome.step, reason: outcome.error, ms: Math.round(performance.now() - begun) },
        'operation ended',
      );
    } catch (error) {
      if (!interrupt.aborted) throw error;
      log.warn('operation interrupted');
      await events
        .tell({ kind: 'operation', operation_id, step: 'interrupted' }, AbortSignal.timeout(LAST_WORD_MS))
        .catch((reason: unknown) => log.warn({ err: reason }, 'the interruption could not be told'));
      throw new TryAgain('the agent stops');
    }
  }

  private async begin(operation_id: string): Promise<void> {
    this.waitingCount += 1;
    try {
      await this.options.events.tell({ kind: 'operation', operation_id, step: 'started' }, this.options.interrupt);
    } finally {
      this.waitingCount -= 1;
    }
  }

  /** A connection that breaks brings the message again while the operation still runs; it is not run twice for that. */
  private outcome(operationId: string, request: OperationRequest): Promise<Outcome> {
    const known = this.runs.get(operationId);
    if (known) return known;
    const run = this.run(operationId, request).finally(() => this.runs.delete(operationId));
    this.runs.set(operationId, run);
    return run;
  }

  private async run(operation_id: string, request: OperationRequest): Promise<Outcome> {
    const { runner, interrupt } = this.options;
    try {
      const result = (await runner.run(operation_id, request, interrupt)) as NonNullable<Outcome['result']>;
      return { kind: 'operation', operation_id, step: 'finished', result };
    } catch (error) {
      if (interrupt.aborted) throw error;
      return { kind: 'operation', operation_id, step: 'failed', error: textOf(error) };
    }
  }
}

function textOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return 'it needs more memory than a worker may use (SIGNALBOX_WORKER_MEMORY_MB)';
  return redactUrl(message || String(code ?? error)).slice(0, LONGEST_ERROR);
}
