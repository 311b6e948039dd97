import { Module } from '@nestjs/common';
import { handlersTopology, mergeTopologies, streamOwnerTopology } from '@signalbox/contracts/messages';
import { registryStream } from '@signalbox/contracts/streams';
import { AmqpHandlersModule, InfrastructureModule } from '@signalbox/nest-service';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { ConnectionVault } from './connections/connection-vault.js';
import { CreateConnectionCommand } from './connections/create-connection.command.js';
import { DeleteConnectionCommand } from './connections/delete-connection.command.js';
import { PatchConnectionCommand } from './connections/patch-connection.command.js';
import { TestConnectionQuery } from './connections/test-connection.query.js';
import { ConnectionTester } from './connections/test/connection-tester.js';
import { entities, migrations } from './database/data-source.js';
import { Boot } from './lifecycle/boot.js';
import { Lifecycle } from './lifecycle/lifecycle.js';
import { LoadConfigured } from './lifecycle/load-configured.js';
import { ReloadStored } from './lifecycle/reload-stored.js';
import { Mutations } from './mutations.js';
import { DeletePackageCommand } from './packages/delete-package.command.js';
import { PackageLoader } from './packages/package-loader.js';
import { PatchPackageCommand } from './packages/patch-package.command.js';
import { PutPackageCommand } from './packages/put-package.command.js';
import { Places } from './places.js';
import { DeleteProjectCommand } from './projects/delete-project.command.js';
import { PatchProjectCommand } from './projects/patch-project.command.js';
import { ProjectFolders } from './projects/project-folders.js';
import { PutProjectCommand } from './projects/put-project.command.js';
import { ReloadProjectCommand } from './projects/reload-project.command.js';
import { RegistryController } from './registry.controller.js';
import { SealedBody } from './sealed-body.js';
import { loadTree } from './tree/load-tree.js';

const service = 'registry';

@Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: mergeTopologies(streamOwnerTopology(), handlersTopology(service)),
      entities,
      migrations,
      requiredForReadiness: true,
    }),
    PostgresStreamModule.register({ service, stream: registryStream.name, load: loadTree }),
    // A body of the 2 MiB that the gateway takes by default is a third larger when it is sealed.
    AmqpHandlersModule.register({ service, maxBytes: 8 * 1_024 * 1_024 }),
  ],
  controllers: [RegistryController],
  providers: [
    Boot,
    Lifecycle,
    LoadConfigured,
    ReloadStored,
    Mutations,
    SealedBody,
    ConnectionVault,
    Places,
    ProjectFolders,
    PackageLoader,
    ConnectionTester,
    TestConnectionQuery,
    PutProjectCommand,
    PatchProjectCommand,
    DeleteProjectCommand,
    ReloadProjectCommand,
    CreateConnectionCommand,
    PatchConnectionCommand,
    DeleteConnectionCommand,
    PutPackageCommand,
    PatchPackageCommand,
    DeletePackageCommand,
  ],
})
export class AppModule {}
