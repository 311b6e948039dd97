import { Module } from '@nestjs/common';
import { OperationsModule } from '../operations/operations.module.js';
import { RestartsModule } from '../restarts/restarts.module.js';
import { EventsController } from './events.controller.js';

@Module({ imports: [OperationsModule, RestartsModule], controllers: [EventsController] })
export class EventsModule {}
