import { Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { exchanges, mergeTopologies, streamOwnerTopology } from '@signalbox/contracts/messages';
import { streams } from '@signalbox/contracts/streams';
import { InfrastructureModule } from '@signalbox/nest-service';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { Authentication } from './access/authentication.js';
import { BootstrapAdminKey } from './access/bootstrap-admin-key.js';
import { CreateKeyCommand } from './access/create-key.command.js';
import { KeyRing } from './access/key-ring.js';
import { ApiKeyRepository, loadGatewayStream } from './access/persistence/api-key.repository.js';
import { RevokeKeyCommand } from './access/revoke-key.command.js';
import { AuditController } from './dataplanes/audit.controller.js';
import { AuditTrail } from './dataplanes/audit-trail.js';
import { DataplaneClient } from './dataplanes/dataplane-client.js';
import { DataplaneCommands } from './dataplanes/dataplane-commands.js';
import { DataplanesController } from './dataplanes/dataplanes.controller.js';
import { RestartsController } from './dataplanes/restarts.controller.js';
import { KeysController } from './access/keys.controller.js';
import { ConnectionChecks } from './health/connection-checks.js';
import { PlatformController } from './platform/platform.controller.js';
import { HealthzController } from './readers/healthz.controller.js';
import { ReaderStatusBody } from './readers/reader-status.body.js';
import { ReaderStatusController } from './readers/reader-status.controller.js';
import { ConnectionTestController } from './registry/connection-test.controller.js';
import { ConnectionsController } from './registry/connections.controller.js';
import { PackagesController } from './registry/packages.controller.js';
import { ProjectsController } from './registry/projects.controller.js';
import { RegistryClient } from './registry/registry-client.js';
import { RegistryPresence } from './registry/registry-presence.js';
import { RegistryWrites } from './registry/registry-writes.js';
import { Reloading } from './registry/reloading.js';
import { RegistryStatusBody } from './registry/registry-status.body.js';
import { RegistryStatusController } from './registry/registry-status.controller.js';
import { ProcessHealthController } from './health/process-health.controller.js';
import { entities, migrations } from './database/data-source.js';
import { ApiErrorFilter } from './http/api-error.filter.js';
import { invalidRequest } from './http/errors/invalid-request.js';
import { RouteTable } from './http/route-table.js';
import { Listening } from './http/listening.js';
import { ReadYourWrites } from './replica/read-your-writes.js';
import { PresenceView } from './replica/presence.view.js';
import { DataplaneView } from './dataplanes/dataplane.view.js';
import { ReadersView } from './readers/readers.view.js';
import { RegistryView } from './registry/registry.view.js';
import { REPLICA_VIEWS, type ReplicaView } from './replica/replica-view.js';
import { Replicas } from './replica/replicas.js';
import { Stopping } from './health/stopping.js';
import { Waiter } from './http/waiter.js';

const service = 'gateway';

/** Streams that nothing is answered from yet: an operator sees whether their owners are there. */
const presence = [streams.datasources].map((stream) => new PresenceView(stream));

@Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: mergeTopologies(streamOwnerTopology(), { exchanges: [exchanges.commands], queues: [], bindings: [] }),
      entities,
      migrations,
      // What this process answers comes from its memory: it stays ready while these are away.
      requiredForReadiness: false,
    }),
    PostgresStreamModule.register({ service, stream: streams.gateway, load: loadGatewayStream }),
  ],
  controllers: [
    ReaderStatusController,
    HealthzController,
    KeysController,
    RegistryStatusController,
    ProjectsController,
    ConnectionsController,
    ConnectionTestController,
    PackagesController,
    PlatformController,
    DataplanesController,
    RestartsController,
    AuditController,
    ProcessHealthController,
  ],
  providers: [
    Authentication,
    KeyRing,
    ApiKeyRepository,
    CreateKeyCommand,
    RevokeKeyCommand,
    BootstrapAdminKey,
    Replicas,
    {
      provide: REPLICA_VIEWS,
      inject: [KeyRing, ReadersView, RegistryView, DataplaneView],
      useFactory: (...read: ReplicaView[]) => [...read, ...presence],
    },
    ReadersView,
    RegistryView,
    DataplaneView,
    ConnectionChecks,
    DataplaneClient,
    DataplaneCommands,
    AuditTrail,
    RegistryPresence,
    RegistryWrites,
    Reloading,
    RegistryStatusBody,
    RegistryClient,
    Stopping,
    Waiter,
    ReadYourWrites,
    ReaderStatusBody,
    Listening,
    RouteTable,
    { provide: APP_FILTER, useClass: ApiErrorFilter },
    { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalidRequest }) },
  ],
})
export class AppModule {}
