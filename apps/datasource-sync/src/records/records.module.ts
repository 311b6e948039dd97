import { Module } from '@nestjs/common';
import { LeasesModule } from '../leases/leases.module.js';
import { RECORDS } from '../work/records.js';
import { AbandonedReleases } from './abandoned-releases.js';
import { RecordsMetrics } from './records.metrics.js';
import { StoredRecords } from './stored-records.js';

/** Stores what workers report. */
@Module({
  imports: [LeasesModule],
  providers: [AbandonedReleases, RecordsMetrics, StoredRecords, { provide: RECORDS, useExisting: StoredRecords }],
  exports: [RECORDS, RecordsMetrics],
})
export class RecordsModule {}
