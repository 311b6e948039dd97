import { Inject, Injectable } from '@nestjs/common';
import {
  auditActions,
  auditOf,
  REMOVABLE_AFTER_MS,
  type DeleteDataplaneReply,
  type DeleteDataplaneRequest,
} from '@signalbox/contracts/messages';
import { dataplaneStream } from '@signalbox/contracts/streams';
import { RequestRefused, TryAgain } from '@signalbox/messaging';
import { recordAudit, type AmqpContext } from '@signalbox/nest-service';
import { Database, type StreamTransaction } from '@signalbox/persistence';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { DataplaneQueues } from '../dataplanes/dataplane-queues.js';
import { DataplaneRepository } from '../dataplanes/dataplane.repository.js';
import { OperationLog } from '../operations/operation-log.js';
import { RemovedDataplanes } from '../reports/removed-dataplanes.js';
import { ReportAnnouncer } from '../reports/report-announcer.js';
import { RestartRepository } from '../restarts/restart.repository.js';

/**
 * Removes a dataplane that does not report any more. Operations of it that wait or run are cancelled; its queues are deleted. Its restarts
 * and operations stay in the database; its next report makes it known again.
 */
@Injectable()
export class DeleteDataplaneCommand {
  constructor(
    private readonly database: Database,
    private readonly dataplanes: DataplaneRepository,
    private readonly queues: DataplaneQueues,
    private readonly restarts: RestartRepository,
    private readonly operations: OperationLog,
    private readonly announcer: ReportAnnouncer,
    private readonly removed: RemovedDataplanes,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws RequestRefused: unknown_dataplane, dataplane_reports, restart_not_ended; TryAgain where its queues could not be deleted */
  async execute(request: DeleteDataplaneRequest, { messageId, deadline }: AmqpContext): Promise<DeleteDataplaneReply> {
    const { dataplane } = request;
    const { seq, replayed } = await this.database.once(
      { consumer: 'removals', messageId, stream: dataplaneStream.name, deadline },
      async (transaction) => {
        await this.remove(transaction, request);
        return {};
      },
    );
    if (!replayed) {
      this.removed.forget(dataplane);
      this.logger.info({ dataplane }, 'dataplane removed');
    }
    await this.queues.remove(dataplane).catch((error: unknown) => {
      this.logger.warn({ err: error, dataplane }, 'queues of a removed dataplane not deleted; retrying');
      throw new TryAgain('the queues of a removed dataplane were not deleted', { cause: error });
    });
    return { seq: seq ?? null };
  }

  private async remove(
    transaction: StreamTransaction,
    { dataplane, silent_ms, by }: DeleteDataplaneRequest,
  ): Promise<void> {
    const { manager } = transaction;
    await this.dataplanes.lock(transaction, dataplane);
    if (!(await this.dataplanes.find(manager, dataplane)))
      throw new RequestRefused(
        'unknown_dataplane',
        `There is no dataplane ${dataplane}: it has never reported, or it was removed.`,
      );
    this.checkSilence(dataplane, silent_ms);
    const [restart] = await this.restarts.open(manager, dataplane);
    if (restart)
      throw new RequestRefused(
        'restart_not_ended',
        `The restart ${restart.id} of ${dataplane} has not ended; it ends at ${new Date(restart.deadline).toISOString()} at the latest. ${dataplane} can be removed after that.`,
      );
    const cancelled = await this.operations.dataplaneRemoved(transaction, dataplane);
    await this.dataplanes.remove(transaction, dataplane);
    recordAudit(
      transaction,
      auditOf(by, {
        at: this.clock.now(),
        action: auditActions.delete,
        resource: dataplane,
        result: 'done',
        detail: { cancelled_operations: cancelled },
      }),
    );
  }

  private checkSilence(dataplane: string, silentAtGateway: number | null): void {
    const silentMs = Math.min(this.announcer.silenceOf(dataplane), silentAtGateway ?? Infinity);
    if (silentMs > REMOVABLE_AFTER_MS) return;
    throw new RequestRefused(
      'dataplane_reports',
      `${dataplane} may have reported ${Math.floor(silentMs / 1_000)} s ago. It can be removed when it has not reported for ${REMOVABLE_AFTER_MS / 1_000} s.`,
    );
  }
}
