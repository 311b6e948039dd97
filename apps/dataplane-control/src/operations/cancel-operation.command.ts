import { Inject, Injectable } from '@nestjs/common';
import {
  auditActions,
  auditOf,
  type CancelOperationReply,
  type CancelOperationRequest,
} from '@signalbox/contracts/messages';
import { dataplaneStream, type OperationEntry } from '@signalbox/contracts/streams';
import { RequestRefused, Unavailable } from '@signalbox/messaging';
import { recordAudit } from '@signalbox/nest-service';
import { Database, type StreamTransaction } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { DataplaneRepository } from '../dataplanes/dataplane.repository.js';
import { CancelSender } from './cancel-sender.js';
import { OperationRepository } from './operation.repository.js';
import { OPERATION_ENDS, withCancellation } from './operation.rules.js';
import { OperationMetrics } from './operations.metrics.js';

/** Cancels an operation: one that waits at once; one that runs when its agent has ended it. */
@Injectable()
export class CancelOperationCommand {
  constructor(
    private readonly database: Database,
    private readonly dataplanes: DataplaneRepository,
    private readonly operations: OperationRepository,
    private readonly metrics: OperationMetrics,
    private readonly sender: CancelSender,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Stores it before the command is sent: an agent that starts the operation all the same receives the command again.
   * @throws RequestRefused: unknown_operation, operation_ended; Unavailable: cancel_not_sent, where it runs and the command was not sent
   */
  async execute(request: CancelOperationRequest): Promise<CancelOperationReply> {
    const { result: operation, seq } = await this.database.streamTransaction(
      dataplaneStream.name,
      async (transaction) => {
        await this.dataplanes.lock(transaction, request.dataplane);
        return this.cancel(transaction, request);
      },
    );
    const isSent = await this.sender.send(operation);
    if (!isSent && !OPERATION_ENDS.has(operation.state))
      throw new Unavailable(
        'cancel_not_sent',
        `The operation ${operation.id} runs, and the command to end it could not be sent to its dataplane.`,
      );
    return { seq: seq ?? null, operation };
  }

  private async cancel(transaction: StreamTransaction, request: CancelOperationRequest): Promise<OperationEntry> {
    const { dataplane, operation_id: id } = request;
    const known = await this.operations.find(transaction.manager, id);
    if (known?.dataplane !== dataplane)
      throw new RequestRefused('unknown_operation', `The dataplane ${dataplane} has no operation ${id}.`);
    if (known.state !== 'cancelled' && OPERATION_ENDS.has(known.state))
      throw new RequestRefused('operation_ended', `The operation ${id} is ${known.state}: it has ended.`);
    const now = this.clock.now();
    const next = withCancellation(known, now);
    if (!next) return known;
    await this.operations.put(transaction, next);
    recordAudit(transaction, cancelled(request, next, now));
    if (OPERATION_ENDS.has(next.state)) transaction.afterCommit(() => this.metrics.ended(next));
    return next;
  }
}

const cancelled = ({ dataplane, by }: CancelOperationRequest, { id, state }: OperationEntry, at: number) =>
  auditOf(by, {
    at,
    action: auditActions.cancel,
    resource: dataplane,
    result: state === 'cancelled' ? 'cancelled' : 'cancelling',
    detail: { operation_id: id },
  });
