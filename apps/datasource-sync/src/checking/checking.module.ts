import { Module } from '@nestjs/common';
import { FleetModule } from '../fleet/fleet.module.js';
import { LeasesModule } from '../leases/leases.module.js';
import { RecordsModule } from '../records/records.module.js';
import { SourceVaultModule } from '../sources/source-vault.module.js';
import { CheckRunner } from './check-runner.js';
import { CheckScheduler } from './check-scheduler.js';
import { FormerKeys } from './former-keys.js';

/** Checks sources when that is due. */
@Module({
  imports: [FleetModule, LeasesModule, RecordsModule, SourceVaultModule],
  providers: [CheckRunner, CheckScheduler, FormerKeys],
})
export class CheckingModule {}
