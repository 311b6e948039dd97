import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { MutationsModule } from '../mutations/mutations.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { DeletePackageCommand } from './delete-package.command.js';
import { PackageLoader } from './package-loader.js';
import { PackagesController } from './packages.controller.js';
import { PatchPackageCommand } from './patch-package.command.js';
import { PutPackageCommand } from './put-package.command.js';

/** Packages of projects, loaded from directories and git repositories. */
@Module({
  imports: [JobsModule, MutationsModule, SettingsModule],
  controllers: [PackagesController],
  providers: [PackageLoader, PutPackageCommand, PatchPackageCommand, DeletePackageCommand],
  exports: [PackageLoader],
})
export class PackagesModule {}
