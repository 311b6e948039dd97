import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  AUDIT_COMMAND,
  auditCommand,
  auditRequest,
  dataplaneCommandTypes,
  dataplaneRequestTypes as requests,
  restartRequest,
  runCommand,
  showRestartRequest,
  shutdownCommand,
  type AuditCommand,
  type AuditEntry,
  type AuditRequest,
  type RestartReply,
  type RestartRequest,
  type RunCommand,
  type ShutdownCommand,
} from '@signalbox/contracts/messages';
import { type RestartEntry } from '@signalbox/contracts/streams';
import { AmqpContext, CommandPattern } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { AuditPageQuery } from './audit/audit-page.query.js';
import { ControlEdit, editControl } from './control-edit.js';
import { FollowOperations } from './operations/follow-operations.js';
import { FollowRestarts } from './restarts/follow-restarts.js';
import { RequestRestartCommand } from './restarts/request-restart.command.js';

/** What gateways ask of dataplane-control, and its copies of what dataplanes are told. */
@Controller()
export class DataplaneControlController {
  constructor(
    private readonly database: Database,
    private readonly requestRestart: RequestRestartCommand,
    private readonly restarts: FollowRestarts,
    private readonly operations: FollowOperations,
    private readonly auditPage: AuditPageQuery,
  ) {}

  @MessagePattern(requests.restart)
  onRestart(
    @Payload({ schema: restartRequest }) request: RestartRequest,
    @Ctx() context: AmqpContext,
  ): Promise<RestartReply> {
    return this.requestRestart.execute(request, context);
  }

  @MessagePattern(requests.showRestart)
  async onShowRestart(
    @Payload({ schema: showRestartRequest }) { id }: { id: string },
  ): Promise<{ restart: RestartEntry | null }> {
    return { restart: (await new ControlEdit(this.database.dataSource.manager).restart(id)) ?? null };
  }

  @MessagePattern(requests.audit)
  async onAudit(@Payload({ schema: auditRequest }) request: AuditRequest): Promise<{ entries: AuditEntry[] }> {
    return { entries: await this.auditPage.execute(request) };
  }

  @CommandPattern(AUDIT_COMMAND)
  async onRecord(@Payload({ schema: auditCommand }) action: AuditCommand): Promise<void> {
    await editControl(this.database, async (edit) => {
      await edit.lock(action.resource);
      await edit.audit(action);
      if (action.result === 'unknown') await this.recover(edit, action);
    });
  }

  @CommandPattern(dataplaneCommandTypes.shutdown)
  async onShutdown(@Payload({ schema: shutdownCommand }) command: ShutdownCommand): Promise<void> {
    await this.restarts.onSent(command);
  }

  @CommandPattern(dataplaneCommandTypes.run)
  async onRun(@Payload({ schema: runCommand }) command: RunCommand): Promise<void> {
    await this.operations.onQueued(command);
  }

  /** It may have been sent all the same, and its dataplane may have told of it already. */
  private async recover(edit: ControlEdit, { detail: { restart_id, operation_id } }: AuditCommand): Promise<void> {
    if (typeof restart_id === 'string') await this.restarts.onUnknown(edit, restart_id);
    if (typeof operation_id === 'string') await this.operations.onUnknown(edit, operation_id);
  }
}
