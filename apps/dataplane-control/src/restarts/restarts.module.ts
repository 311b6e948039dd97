import { Module } from '@nestjs/common';
import { DataplanesModule } from '../dataplanes/dataplanes.module.js';
import { RequestRestartCommand } from './request-restart.command.js';
import { RestartKeeper } from './restart-keeper.js';
import { RestartLog } from './restart-log.js';
import { RestartRepository } from './restart.repository.js';
import { RestartMetrics } from './restarts.metrics.js';
import { RestartsController } from './restarts.controller.js';
import { ShutdownSender } from './shutdown-sender.js';

@Module({
  imports: [DataplanesModule],
  controllers: [RestartsController],
  providers: [RestartLog, RestartMetrics, RestartRepository, RestartKeeper, RequestRestartCommand, ShutdownSender],
  exports: [RestartLog, RestartRepository],
})
export class RestartsModule {}
