import { Module } from '@nestjs/common';
import { SourceVault } from './source-vault.js';

@Module({ providers: [SourceVault], exports: [SourceVault] })
export class SourceVaultModule {}
