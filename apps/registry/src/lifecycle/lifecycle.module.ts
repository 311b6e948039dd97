import { Module } from '@nestjs/common';
import { RequestsModule } from '../requests/requests.module.js';
import { Lifecycle } from './lifecycle.js';
import { LifecycleMetrics } from './lifecycle.metrics.js';

@Module({ imports: [RequestsModule], providers: [Lifecycle, LifecycleMetrics], exports: [Lifecycle] })
export class LifecycleModule {}
