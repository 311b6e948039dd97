import { Module } from '@nestjs/common';
import { RequestsModule } from '../requests/requests.module.js';
import { Lifecycle } from './lifecycle.js';

@Module({ imports: [RequestsModule], providers: [Lifecycle], exports: [Lifecycle] })
export class LifecycleModule {}
