import { Inject, Injectable } from '@nestjs/common';
import { auditActions, auditOf, type OperationEvent, type RunCommand } from '@signalbox/contracts/messages';
import { dataplaneStream, type OperationEntry } from '@signalbox/contracts/streams';
import { DeadMessage } from '@signalbox/messaging';
import { recordAudit } from '@signalbox/nest-service';
import { Database, type StreamTransaction } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { EntityManager } from 'typeorm';
import { CommandUnknown } from '../commands/command-unknown.error.js';
import { DataplaneRepository } from '../dataplanes/dataplane.repository.js';
import { CancelSender } from './cancel-sender.js';
import { OperationRepository } from './operation.repository.js';
import {
  isToBeCancelled,
  OPERATION_ENDS,
  operationOf,
  withCommand,
  withEvent,
  withRemoval,
} from './operation.rules.js';
import { OperationMetrics } from './operations.metrics.js';

/** Records how far each operation is, from the copies of commands and the events of agents. */
@Injectable()
export class OperationLog {
  constructor(
    private readonly database: Database,
    private readonly operations: OperationRepository,
    private readonly dataplanes: DataplaneRepository,
    private readonly metrics: OperationMetrics,
    private readonly cancellations: CancelSender,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The copy of a run command: the broker has put it into the queue of its dataplane, too. */
  async commandSent(command: RunCommand): Promise<void> {
    await this.change(command.dataplane, async (transaction) => {
      const { manager } = transaction;
      const known = await this.operations.find(manager, command.operation_id);
      if (!known) await this.operations.add(transaction, await this.operationOf(command, manager));
      // What an agent's event said of the command gives way to the command itself.
      else if (await this.operations.confirm(manager, known.id))
        await this.operations.put(transaction, withCommand(known, command));
      recordAudit(transaction, queued(command));
    });
  }

  /** An event of an agent. @throws CommandUnknown, DeadMessage */
  async event(event: OperationEvent): Promise<void> {
    await this.change(event.dataplane, async (transaction) => {
      await this.operations.requireSmall(transaction.manager, event.operation_id, event);
      const known = await this.operations.find(transaction.manager, event.operation_id);
      const operation = known ?? (await this.addFromEvent(transaction, event));
      if (operation.dataplane !== event.dataplane)
        throw new DeadMessage('wrong-dataplane', 'the event names an operation of another dataplane');
      const next = withEvent(operation, event, this.clock.now());
      // Its command may have reached the agent before the command to cancel it, or an agent that has been replaced.
      if (event.step === 'started' && isToBeCancelled(operation))
        transaction.afterCommit(() => void this.cancellations.send(operation));
      if (!next) return;
      await this.operations.put(transaction, next);
      // One that was cancelled and had been run to its end all the same is counted at both.
      if (OPERATION_ENDS.has(next.state)) transaction.afterCommit(() => this.metrics.ended(next));
    });
  }

  /** Cancels the operations of a dataplane that wait or run. @returns their number */
  async dataplaneRemoved(transaction: StreamTransaction, dataplane: string): Promise<number> {
    const open = await this.operations.open(transaction.manager, dataplane);
    for (const operation of open) {
      const next = withRemoval(operation, this.clock.now());
      await this.operations.put(transaction, next);
      transaction.afterCommit(() => this.metrics.ended(next));
    }
    return open.length;
  }

  /** One that was sent while its dataplane was being removed has lost its place in the queue. */
  private async operationOf(command: RunCommand, manager: EntityManager): Promise<OperationEntry> {
    const operation = operationOf(command);
    const isThere = (await this.dataplanes.find(manager, command.dataplane)) !== undefined;
    return isThere ? operation : withRemoval(operation, this.clock.now());
  }

  private async addFromEvent(transaction: StreamTransaction, event: OperationEvent): Promise<OperationEntry> {
    const { dataplane, operation_id, command } = event;
    if (!(await this.dataplanes.find(transaction.manager, dataplane)))
      throw new DeadMessage('unknown-dataplane', 'no such dataplane has reported, or it was removed');
    if (!command)
      throw new CommandUnknown(
        'unknown-operation',
        'the event names an operation that is not known, and does not carry its command',
      );
    if (command.operation_id !== operation_id || command.dataplane !== dataplane)
      throw new DeadMessage('wrong-command', 'the command in the event is not that of its operation');
    const operation = operationOf({ ...command, requested_at: Math.min(command.requested_at, this.clock.now()) });
    await this.operations.addUnconfirmed(transaction, operation);
    return operation;
  }

  private async change(dataplane: string, work: (transaction: StreamTransaction) => Promise<void>): Promise<void> {
    await this.database.streamTransaction(dataplaneStream.name, async (transaction) => {
      await this.dataplanes.lock(transaction, dataplane);
      await work(transaction);
    });
  }
}

const queued = ({ dataplane, requested_at: at, by, operation_id, request }: RunCommand) =>
  auditOf(by, {
    at,
    action: auditActions.run,
    resource: dataplane,
    result: 'queued',
    detail: { operation_id, ...request },
  });
