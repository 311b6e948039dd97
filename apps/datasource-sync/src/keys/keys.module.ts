import { Module } from '@nestjs/common';
import { DatasourcesModule } from '../datasources/datasources.module.js';
import { LeasesModule } from '../leases/leases.module.js';
import { RequestsModule } from '../requests/requests.module.js';
import { SourceVaultModule } from '../sources/source-vault.module.js';
import { FormerKeys } from './former-keys.js';
import { ReplacedKeys } from './replaced-keys.js';
import { Resealing } from './resealing.js';

/** Keeps the stored credentials of datasources as they should be. */
@Module({
  imports: [LeasesModule, SourceVaultModule, RequestsModule, DatasourcesModule],
  providers: [FormerKeys, Resealing, ReplacedKeys],
})
export class KeysModule {}
