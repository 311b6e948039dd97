import { Module } from '@nestjs/common';
import {
  auditedTopology,
  exchanges,
  mergeTopologies,
  readerCommandsTopology,
  streamOwnerTopology,
} from '@signalbox/contracts/messages';
import { InfrastructureModule } from '@signalbox/nest-service';
import { AccessModule } from './access/access.module.js';
import { AuditModule } from './audit/audit.module.js';
import { BrokerKeysModule } from './broker-keys/broker-keys.module.js';
import { entities, migrations } from './database/data-source.js';
import { DataplanesModule } from './dataplanes/dataplanes.module.js';
import { DatasourcesModule } from './datasources/datasources.module.js';
import { HealthModule } from './health/health.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { NoticesModule } from './notices/notices.module.js';
import { PlatformModule } from './platform/platform.module.js';
import { QuotasModule } from './quotas/quotas.module.js';
import { ReadersModule } from './readers/readers.module.js';
import { RegistryModule } from './registry/registry.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';
import { StatusModule } from './status/status.module.js';
import { TokensModule } from './tokens/tokens.module.js';

const infrastructure = InfrastructureModule.register({
  service: 'gateway',
  topology: mergeTopologies(streamOwnerTopology(), auditedTopology(), readerCommandsTopology(), {
    exchanges: [exchanges.commands],
    queues: [],
    bindings: [],
  }),
  entities,
  migrations,
  // The gateway answers from memory: it stays ready without its broker or database.
  requiredForReadiness: false,
});

@Module({
  imports: [
    infrastructure,
    HealthModule,
    AuditModule,
    AccessModule,
    SessionsModule,
    SignInModule,
    LimitsModule,
    ReadersModule,
    RegistryModule,
    DataplanesModule,
    PlatformModule,
    DatasourcesModule,
    NoticesModule,
    QuotasModule,
    StatusModule,
    TokensModule,
    BrokerKeysModule,
  ],
})
export class AppModule {}
