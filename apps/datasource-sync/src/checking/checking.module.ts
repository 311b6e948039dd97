import { Module } from '@nestjs/common';
import { FleetModule } from '../fleet/fleet.module.js';
import { LeasesModule } from '../leases/leases.module.js';
import { RecordsModule } from '../records/records.module.js';
import { CheckRunner } from './check-runner.js';
import { CheckScheduler } from './check-scheduler.js';

/** Checks sources when that is due. */
@Module({
  imports: [FleetModule, LeasesModule, RecordsModule],
  providers: [CheckRunner, CheckScheduler],
})
export class CheckingModule {}
