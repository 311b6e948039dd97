import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.js';
import { LifecycleModule } from '../lifecycle/lifecycle.module.js';
import { PackagesModule } from '../packages/packages.module.js';
import { ProjectsModule } from '../projects/projects.module.js';
import { RequestsModule } from '../requests/requests.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { Boot } from './boot.js';
import { LoadConfigured } from './load-configured.js';
import { QuotaReport } from './quota-report.js';
import { ReloadStored } from './reload-stored.js';
import { ReplacedKeys } from './replaced-keys.js';
import { ResealStored } from './reseal-stored.js';

/** Fills the tree at the start, from the configuration file or from what is stored, and drains at the end. */
@Module({
  imports: [LifecycleModule, ConnectionsModule, PackagesModule, ProjectsModule, RequestsModule, SettingsModule],
  providers: [Boot, LoadConfigured, ReloadStored, ResealStored, ReplacedKeys, QuotaReport],
})
export class BootModule {}
