import { Module } from '@nestjs/common';
import {
  auditedTopology,
  DATAPLANE_EVENT,
  dataplaneControlTopology,
  dataplaneEvent,
  dataplaneReport,
  eventsQueue,
  handlersTopology,
  mergeTopologies,
  messageTypes,
  reportsQueue,
  retryPath,
  streamOwnerTopology,
} from '@signalbox/contracts/messages';
import { dataplaneStream } from '@signalbox/contracts/streams';
import { AmqpHandlersModule, AuditOutboxModule, InfrastructureModule } from '@signalbox/nest-service';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { AuditCommandsController } from './audit-commands.controller.js';
import { entities, migrations } from './database/data-source.js';
import { EventsModule } from './events/events.module.js';
import { loadDataplanes } from './load-dataplanes.js';
import { OperationsModule } from './operations/operations.module.js';
import { RemovalModule } from './removal/removal.module.js';
import { ReportsModule } from './reports/reports.module.js';
import { RestartsModule } from './restarts/restarts.module.js';

const service = 'dataplane-control';

/** The queues into which agents publish. */
const events = [
  {
    queue: eventsQueue.name,
    only: { pattern: DATAPLANE_EVENT, schema: dataplaneEvent },
    retry: retryPath(eventsQueue.name),
  },
  // One at a time, in order; a report that failed is replaced by the next one.
  { queue: reportsQueue.name, only: { pattern: messageTypes.report, schema: dataplaneReport }, prefetch: 1 },
];

@Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: mergeTopologies(
        streamOwnerTopology(),
        handlersTopology(service),
        dataplaneControlTopology(),
        auditedTopology(),
      ),
      entities,
      migrations,
      requiredForReadiness: true,
    }),
    PostgresStreamModule.register({ service, stream: dataplaneStream.name, load: loadDataplanes }),
    AmqpHandlersModule.register({ service, events }),
    ReportsModule,
    RestartsModule,
    OperationsModule,
    EventsModule,
    RemovalModule,
    AuditOutboxModule.register({ service }),
  ],
  controllers: [AuditCommandsController],
})
export class AppModule {}
