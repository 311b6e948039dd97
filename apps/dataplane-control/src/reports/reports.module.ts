import { Module } from '@nestjs/common';
import { DataplanesModule } from '../dataplanes/dataplanes.module.js';
import { RestartsModule } from '../restarts/restarts.module.js';
import { KnownDataplanes } from './known-dataplanes.js';
import { OverdueReports } from './overdue-reports.js';
import { ReportAnnouncer } from './report-announcer.js';
import { ReportStore } from './report-store.js';
import { ReportMetrics } from './reports.metrics.js';
import { ReportsController } from './reports.controller.js';
import { RemovedDataplanes } from './removed-dataplanes.js';

@Module({
  imports: [DataplanesModule, RestartsModule],
  controllers: [ReportsController],
  providers: [KnownDataplanes, OverdueReports, RemovedDataplanes, ReportAnnouncer, ReportMetrics, ReportStore],
  exports: [RemovedDataplanes, ReportAnnouncer],
})
export class ReportsModule {}
