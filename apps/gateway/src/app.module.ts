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
import { AuditController } from './apis/dataplanes/audit.controller.js';
import { AuditTrail } from './apis/dataplanes/audit-trail.js';
import { DataplaneClient } from './apis/dataplanes/dataplane-client.js';
import { DataplaneCommands } from './apis/dataplanes/dataplane-commands.js';
import { DataplanesController } from './apis/dataplanes/dataplanes.controller.js';
import { RestartsController } from './apis/dataplanes/restarts.controller.js';
import { KeysController } from './apis/keys/keys.controller.js';
import { ConnectionChecks } from './apis/platform/connection-checks.js';
import { PlatformController } from './apis/platform/platform.controller.js';
import { HealthzController } from './apis/readers/healthz.controller.js';
import { ReaderStatusBody } from './apis/readers/reader-status.body.js';
import { ReaderStatusController } from './apis/readers/reader-status.controller.js';
import { ConnectionTestController } from './apis/registry/connection-test.controller.js';
import { ConnectionsController } from './apis/registry/connections.controller.js';
import { PackagesController } from './apis/registry/packages.controller.js';
import { ProjectsController } from './apis/registry/projects.controller.js';
import { RegistryClient } from './apis/registry/registry-client.js';
import { RegistryPresence } from './apis/registry/registry-presence.js';
import { RegistryWrites } from './apis/registry/registry-writes.js';
import { Reloading } from './apis/registry/reloading.js';
import { RegistryStatusBody } from './apis/registry/registry-status.body.js';
import { RegistryStatusController } from './apis/registry/registry-status.controller.js';
import { ProcessHealthController } from './apis/process-health.controller.js';
import { entities, migrations } from './database/data-source.js';
import { ApiErrorFilter } from './errors/api-error.filter.js';
import { invalidRequest } from './errors/invalid-request.js';
import { RouteTable } from './errors/route-table.js';
import { Listening } from './listening.js';
import { ReadYourWrites } from './replica/read-your-writes.js';
import { PresenceView } from './replica/presence.view.js';
import { DataplaneView } from './replica/dataplane.view.js';
import { ReadersView } from './replica/readers.view.js';
import { RegistryView } from './replica/registry.view.js';
import { REPLICA_VIEWS, type ReplicaView } from './replica/replica-view.js';
import { Replicas } from './replica/replicas.js';
import { Stopping } from './stopping.js';
import { Waiter } from './waiter.js';

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
