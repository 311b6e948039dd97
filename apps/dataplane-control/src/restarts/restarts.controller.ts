import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  dataplaneCommandTypes,
  dataplaneRequestTypes as requests,
  restartRequest,
  showRestartRequest,
  shutdownCommand,
  type RestartReply,
  type RestartRequest,
  type ShutdownCommand,
} from '@signalbox/contracts/messages';
import type { RestartEntry } from '@signalbox/contracts/streams';
import { AmqpContext, CommandPattern } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { RequestRestartCommand } from './request-restart.command.js';
import { RestartLog } from './restart-log.js';
import { RestartRepository } from './restart.repository.js';

@Controller()
export class RestartsController {
  constructor(
    private readonly database: Database,
    private readonly requestRestart: RequestRestartCommand,
    private readonly log: RestartLog,
    private readonly restarts: RestartRepository,
  ) {}

  @MessagePattern(requests.restart)
  onRestart(
    @Payload({ schema: restartRequest }) request: RestartRequest,
    @Ctx() context: AmqpContext,
  ): Promise<RestartReply> {
    return this.requestRestart.execute(request, context);
  }

  @MessagePattern(requests.showRestart)
  async onShow(
    @Payload({ schema: showRestartRequest }) { id }: { id: string },
  ): Promise<{ restart: RestartEntry | null }> {
    return { restart: (await this.restarts.find(this.database.dataSource.manager, id)) ?? null };
  }

  /** The copy of a command to a dataplane. */
  @CommandPattern(dataplaneCommandTypes.shutdown)
  onShutdown(@Payload({ schema: shutdownCommand }) command: ShutdownCommand): Promise<void> {
    return this.log.commandSent(command);
  }
}
