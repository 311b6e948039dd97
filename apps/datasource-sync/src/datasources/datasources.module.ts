import { Module } from '@nestjs/common';
import { ProcessModule } from '../process/process.module.js';
import { RequestsModule } from '../requests/requests.module.js';
import { AttemptsQuery } from './attempts.query.js';
import { CreateDatasourceCommand } from './create-datasource.command.js';
import { DatasourceChanges } from './datasource-changes.js';
import { DatasourcesController } from './datasources.controller.js';
import { DatasourcesMetrics } from './datasources.metrics.js';
import { DeleteDatasourceCommand } from './delete-datasource.command.js';
import { PatchDatasourceCommand } from './patch-datasource.command.js';
import { PublishedKey } from './published-key.js';
import { ResyncDatasourceCommand } from './resync-datasource.command.js';
import { RotateKeyCommand } from './rotate-key.command.js';
import { SourceVaultModule } from '../sources/source-vault.module.js';
import { VerifyDatasourceCommand } from './verify-datasource.command.js';

/** Registered sources: what callers ask for. */
@Module({
  imports: [RequestsModule, ProcessModule, SourceVaultModule],
  controllers: [DatasourcesController],
  providers: [
    DatasourceChanges,
    CreateDatasourceCommand,
    PatchDatasourceCommand,
    DeleteDatasourceCommand,
    VerifyDatasourceCommand,
    ResyncDatasourceCommand,
    RotateKeyCommand,
    AttemptsQuery,
    PublishedKey,
    DatasourcesMetrics,
  ],
  exports: [PublishedKey],
})
export class DatasourcesModule {}
