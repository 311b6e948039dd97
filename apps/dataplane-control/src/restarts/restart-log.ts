import { Inject, Injectable } from '@nestjs/common';
import { auditActions, auditOf, type RestartEvent, type ShutdownCommand } from '@signalbox/contracts/messages';
import { dataplaneStream, type RestartEntry } from '@signalbox/contracts/streams';
import { DeadMessage } from '@signalbox/messaging';
import { recordAudit } from '@signalbox/nest-service';
import { Database, type StreamTransaction } from '@signalbox/persistence';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { CommandUnknown } from '../commands/command-unknown.error.js';
import { DataplaneRepository } from '../dataplanes/dataplane.repository.js';
import { RestartRepository } from './restart.repository.js';
import {
  isOver,
  restartOf,
  restartOfEvent,
  withCommand,
  withEvent,
  withIncarnation,
  withStep,
  type PresentIncarnation,
} from './restart.rules.js';
import { RestartMetrics } from './restarts.metrics.js';

/** Records how far each restart is, from the copies of commands, the events of agents and the reports of their next incarnations. */
@Injectable()
export class RestartLog {
  constructor(
    private readonly database: Database,
    private readonly restarts: RestartRepository,
    private readonly dataplanes: DataplaneRepository,
    private readonly metrics: RestartMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The copy of a shutdown command: the broker has put it into the queue of its dataplane, too. */
  async commandSent(command: ShutdownCommand): Promise<void> {
    await this.change(command.dataplane, async (transaction) => {
      const known = await this.restarts.find(transaction.manager, command.restart_id);
      if (known) await this.confirm(transaction, known, command);
      else await this.restarts.add(transaction, restartOf(command, 'sent'));
      recordAudit(transaction, sent(command));
    });
  }

  /** An event of an agent. @throws CommandUnknown, DeadMessage */
  async event(event: RestartEvent): Promise<void> {
    await this.change(event.dataplane, async (transaction) => {
      await this.restarts.requireSmall(transaction.manager, event.restart_id, event);
      const known = await this.restarts.find(transaction.manager, event.restart_id);
      const restart = known ?? (await this.addFromEvent(transaction, event));
      if (restart.dataplane !== event.dataplane)
        throw new DeadMessage('wrong-dataplane', 'the event names a restart of another dataplane');
      const next = withEvent(restart, event, this.clock.now());
      if (!next) return;
      // The next incarnation may have reported before the last events of the one before it arrive.
      const present = await this.dataplanes.find(transaction.manager, event.dataplane);
      const incarnation = present && { boot_id: present.boot_id, isHealthy: false };
      await this.put(
        transaction,
        restart,
        (incarnation && withIncarnation(next, incarnation, this.clock.now())) ?? next,
      );
    });
  }

  /** A report of the present incarnation of a dataplane. */
  async incarnationReported(dataplane: string, incarnation: PresentIncarnation): Promise<void> {
    const open = await this.restarts.open(this.database.dataSource.manager, dataplane);
    if (!open.some((restart) => withIncarnation(restart, incarnation, 0))) return;
    await this.change(dataplane, async (transaction) => {
      for (const restart of await this.restarts.open(transaction.manager, dataplane))
        await this.put(transaction, restart, withIncarnation(restart, incarnation, this.clock.now()));
    });
  }

  /** The deadline of a restart has passed. */
  async timedOut({ id, dataplane }: RestartEntry): Promise<void> {
    await this.change(dataplane, async (transaction) => {
      const present = await this.restarts.find(transaction.manager, id);
      if (present) await this.put(transaction, present, withStep(present, 'timed_out', this.clock.now()));
    });
  }

  /** What an agent's event said of the command gives way to the command itself. */
  private async confirm(transaction: StreamTransaction, known: RestartEntry, command: ShutdownCommand): Promise<void> {
    const isFirst = await this.restarts.confirm(transaction.manager, known.id);
    const restart = isFirst ? withCommand(known, command) : known;
    const next = withStep(restart, 'sent', this.clock.now()) ?? (isFirst ? restart : undefined);
    await this.put(transaction, known, next);
  }

  private async addFromEvent(transaction: StreamTransaction, event: RestartEvent): Promise<RestartEntry> {
    const { dataplane, restart_id, command } = event;
    if (!(await this.dataplanes.find(transaction.manager, dataplane)))
      throw new DeadMessage('unknown-dataplane', 'no such dataplane has reported, or it was removed');
    if (!command)
      throw new CommandUnknown(
        'unknown-restart',
        'the event names a restart that is not known, and does not carry its command',
      );
    if (command.restart_id !== restart_id || command.dataplane !== dataplane)
      throw new DeadMessage('wrong-command', 'the command in the event is not that of its restart');
    const restart = restartOfEvent(command, this.clock.now());
    await this.restarts.addUnconfirmed(transaction, restart);
    return restart;
  }

  private async change(dataplane: string, work: (transaction: StreamTransaction) => Promise<void>): Promise<void> {
    await this.database.streamTransaction(dataplaneStream.name, async (transaction) => {
      await this.dataplanes.lock(transaction, dataplane);
      await work(transaction);
    });
  }

  private async put(
    transaction: StreamTransaction,
    before: RestartEntry,
    restart: RestartEntry | undefined,
  ): Promise<void> {
    if (!restart) return;
    await this.restarts.put(transaction, restart);
    if (isOver(restart) && !isOver(before)) transaction.afterCommit(() => this.metrics.ended(restart));
    const { id, dataplane, state } = restart;
    this.logger.info({ restart: id, dataplane, state }, 'restart changed');
  }
}

const sent = ({ dataplane, requested_at: at, by, restart_id, boot_id, drain_seconds, reason }: ShutdownCommand) =>
  auditOf(by, {
    at,
    action: auditActions.restart,
    resource: dataplane,
    result: 'sent',
    detail: { restart_id, boot_id, drain_seconds, reason },
  });
