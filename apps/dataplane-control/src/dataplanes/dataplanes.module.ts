import { Module } from '@nestjs/common';
import { DataplaneQueues } from './dataplane-queues.js';
import { DataplaneRepository } from './dataplane.repository.js';

@Module({ providers: [DataplaneRepository, DataplaneQueues], exports: [DataplaneRepository, DataplaneQueues] })
export class DataplanesModule {}
