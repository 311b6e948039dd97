import { Module } from '@nestjs/common';
import {
  dataplaneControlTopology,
  handlersTopology,
  mergeTopologies,
  streamOwnerTopology,
} from '@signalbox/contracts/messages';
import { streams } from '@signalbox/contracts/streams';
import { AmqpHandlersModule, InfrastructureModule } from '@signalbox/nest-service';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { AuditPageQuery } from './audit/audit-page.query.js';
import { DataplaneControlController } from './dataplane-control.controller.js';
import { DataplaneQueues } from './dataplanes/dataplane-queues.js';
import { HealthRequests } from './dataplanes/health-requests.js';
import { KnownDataplanes } from './dataplanes/known-dataplanes.js';
import { ReportAnnouncer } from './dataplanes/report-announcer.js';
import { ReportBooks } from './dataplanes/report-books.js';
import { ReportsConsumer } from './dataplanes/reports.consumer.js';
import { entities, migrations } from './database/data-source.js';
import { EventsConsumer } from './events.consumer.js';
import { loadDataplanes } from './load-dataplanes.js';
import { FollowOperations } from './operations/follow-operations.js';
import { FollowRestarts } from './restarts/follow-restarts.js';
import { RequestRestartCommand } from './restarts/request-restart.command.js';
import { RestartKeeper } from './restarts/restart-keeper.js';
import { ShutdownSender } from './restarts/shutdown-sender.js';

const service = 'dataplane-control';

@Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: mergeTopologies(streamOwnerTopology(), handlersTopology(service), dataplaneControlTopology()),
      entities,
      migrations,
      requiredForReadiness: true,
    }),
    PostgresStreamModule.register({ service, stream: streams.dataplane, load: loadDataplanes }),
    AmqpHandlersModule.register({ service }),
  ],
  controllers: [DataplaneControlController],
  providers: [
    ReportsConsumer,
    ReportBooks,
    EventsConsumer,
    KnownDataplanes,
    DataplaneQueues,
    ReportAnnouncer,
    HealthRequests,
    FollowRestarts,
    RestartKeeper,
    ShutdownSender,
    RequestRestartCommand,
    FollowOperations,
    AuditPageQuery,
  ],
})
export class AppModule {}
