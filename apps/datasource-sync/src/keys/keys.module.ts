import { Module } from '@nestjs/common';
import { LeasesModule } from '../leases/leases.module.js';
import { SourceVaultModule } from '../sources/source-vault.module.js';
import { FormerKeys } from './former-keys.js';
import { Resealing } from './resealing.js';

/** Keeps the stored credentials of held datasources as they should be. */
@Module({ imports: [LeasesModule, SourceVaultModule], providers: [FormerKeys, Resealing] })
export class KeysModule {}
