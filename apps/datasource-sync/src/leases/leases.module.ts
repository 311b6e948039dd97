import { Module } from '@nestjs/common';
import { ProcessModule } from '../process/process.module.js';
import { SourceVaultModule } from '../sources/source-vault.module.js';
import { HELD_DATASOURCES } from '../work/held-datasources.js';
import { Assignments } from './assignments.js';
import { ChangeListener } from './change-listener.js';
import { LeaseRepository } from './lease.repository.js';
import { LeaseMetrics } from './leases.metrics.js';
import { Leases } from './leases.js';

/** Which datasources this process works on. */
@Module({
  imports: [ProcessModule, SourceVaultModule],
  providers: [
    LeaseRepository,
    Assignments,
    ChangeListener,
    LeaseMetrics,
    Leases,
    { provide: HELD_DATASOURCES, useExisting: Leases },
  ],
  exports: [Leases, HELD_DATASOURCES],
})
export class LeasesModule {}
