import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.js';
import { MutationsModule } from '../mutations/mutations.module.js';
import { PackagesModule } from '../packages/packages.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { DeleteProjectCommand } from './delete-project.command.js';
import { PatchProjectCommand } from './patch-project.command.js';
import { ProjectFolders } from './project-folders.js';
import { ProjectsController } from './projects.controller.js';
import { PutProjectCommand } from './put-project.command.js';
import { ReloadProjectCommand } from './reload-project.command.js';

/** Projects, with what their bodies say of connections and packages. */
@Module({
  imports: [MutationsModule, ConnectionsModule, PackagesModule, SettingsModule],
  controllers: [ProjectsController],
  providers: [ProjectFolders, PutProjectCommand, PatchProjectCommand, DeleteProjectCommand, ReloadProjectCommand],
  exports: [ProjectFolders],
})
export class ProjectsModule {}
