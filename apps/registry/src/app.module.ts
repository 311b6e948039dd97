import { Module } from '@nestjs/common';
import { auditedTopology, handlersTopology, mergeTopologies, streamOwnerTopology } from '@signalbox/contracts/messages';
import { registryStream } from '@signalbox/contracts/streams';
import { AmqpHandlersModule, AuditOutboxModule, InfrastructureModule } from '@signalbox/nest-service';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { BootModule } from './boot/boot.module.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { entities, migrations } from './database/data-source.js';
import { PackagesModule } from './packages/packages.module.js';
import { ProjectsModule } from './projects/projects.module.js';
import { loadTree } from './tree/load-tree.js';
import { TreeModule } from './tree/tree.module.js';

const service = 'registry';

/**
 * Handlers wait for a repository or for a connection under test, without a database connection, longer than they use the database.
 * `Database.once` checks the deadline of those that have to wait for a database connection.
 */
const HANDLERS_AT_ONCE = 100;

@Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: mergeTopologies(streamOwnerTopology(), handlersTopology(service), auditedTopology()),
      entities,
      migrations,
      requiredForReadiness: true,
    }),
    PostgresStreamModule.register({ service, stream: registryStream.name, load: loadTree }),
    AuditOutboxModule.register({ service }),
    // A body of the 2 MiB that the gateway takes by default is a third larger when it is sealed.
    AmqpHandlersModule.register({ service, maxBytes: 8 * 1_024 * 1_024, prefetch: HANDLERS_AT_ONCE }),
    ProjectsModule,
    ConnectionsModule,
    PackagesModule,
    BootModule,
    TreeModule,
  ],
})
export class AppModule {}
