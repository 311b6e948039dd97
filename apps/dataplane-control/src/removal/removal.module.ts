import { Module } from '@nestjs/common';
import { DataplanesModule } from '../dataplanes/dataplanes.module.js';
import { OperationsModule } from '../operations/operations.module.js';
import { ReportsModule } from '../reports/reports.module.js';
import { RestartsModule } from '../restarts/restarts.module.js';
import { DeleteDataplaneCommand } from './delete-dataplane.command.js';
import { RemovalController } from './removal.controller.js';

@Module({
  imports: [DataplanesModule, OperationsModule, ReportsModule, RestartsModule],
  controllers: [RemovalController],
  providers: [DeleteDataplaneCommand],
})
export class RemovalModule {}
