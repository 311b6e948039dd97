import { Module } from '@nestjs/common';
import { DataplanesModule } from '../dataplanes/dataplanes.module.js';
import { CancelOperationCommand } from './cancel-operation.command.js';
import { CancelSender } from './cancel-sender.js';
import { OperationLog } from './operation-log.js';
import { OperationRepository } from './operation.repository.js';
import { OperationMetrics } from './operations.metrics.js';
import { OperationsController } from './operations.controller.js';

@Module({
  imports: [DataplanesModule],
  controllers: [OperationsController],
  providers: [CancelOperationCommand, CancelSender, OperationLog, OperationMetrics, OperationRepository],
  exports: [OperationLog],
})
export class OperationsModule {}
