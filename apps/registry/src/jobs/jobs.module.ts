import { Module } from '@nestjs/common';
import { JobMetrics } from './jobs.metrics.js';
import { JobPools } from './job-pools.js';

/** The processes in which is read what strangers send. */
@Module({ providers: [JobMetrics, JobPools], exports: [JobPools] })
export class JobsModule {}
