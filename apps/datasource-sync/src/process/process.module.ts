import { Module } from '@nestjs/common';
import { LEASE_TIMES, LEASE_TIMES_USED } from './lease-times.js';
import { SyncProcess } from './sync-process.js';

@Module({
  providers: [SyncProcess, { provide: LEASE_TIMES, useValue: LEASE_TIMES_USED }],
  exports: [SyncProcess, LEASE_TIMES],
})
export class ProcessModule {}
