import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { MutationsModule } from '../mutations/mutations.module.js';
import { ConnectionVault } from './connection-vault.js';
import { ConnectionsController } from './connections.controller.js';
import { CreateConnectionCommand } from './create-connection.command.js';
import { DeleteConnectionCommand } from './delete-connection.command.js';
import { PatchConnectionCommand } from './patch-connection.command.js';
import { TestConnectionQuery } from './test-connection.query.js';
import { ConnectionTester } from './trial/connection-tester.js';

/** Connections of projects to databases and warehouses; credentials are sealed. */
@Module({
  imports: [JobsModule, MutationsModule],
  controllers: [ConnectionsController],
  providers: [
    ConnectionVault,
    ConnectionTester,
    CreateConnectionCommand,
    PatchConnectionCommand,
    DeleteConnectionCommand,
    TestConnectionQuery,
  ],
  exports: [ConnectionVault],
})
export class ConnectionsModule {}
