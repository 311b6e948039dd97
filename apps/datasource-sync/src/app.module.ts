import { Module } from '@nestjs/common';
import {
  auditedTopology,
  changesTopology,
  handlersTopology,
  mergeTopologies,
  streamOwnerTopology,
} from '@signalbox/contracts/messages';
import { datasourcesStream } from '@signalbox/contracts/streams';
import { AmqpHandlersModule, AuditOutboxModule, InfrastructureModule } from '@signalbox/nest-service';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { CheckingModule } from './checking/checking.module.js';
import { entities, migrations } from './database/data-source.js';
import { DatasourcesModule } from './datasources/datasources.module.js';
import { FleetModule } from './fleet/fleet.module.js';
import { KeysModule } from './keys/keys.module.js';
import { LeasesModule } from './leases/leases.module.js';
import { RecordsModule } from './records/records.module.js';
import { loadDatasources } from './store/load-datasources.js';

const service = 'datasource-sync';

/** A deletion waits for the slot to be dropped, without a database connection, longer than it uses the database. */
const HANDLERS_AT_ONCE = 100;

@Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: mergeTopologies(streamOwnerTopology(), handlersTopology(service), changesTopology(), auditedTopology()),
      entities,
      migrations,
      requiredForReadiness: true,
    }),
    PostgresStreamModule.register({ service, stream: datasourcesStream.name, load: loadDatasources }),
    AuditOutboxModule.register({ service }),
    AmqpHandlersModule.register({ service, prefetch: HANDLERS_AT_ONCE }),
    DatasourcesModule,
    LeasesModule,
    FleetModule,
    CheckingModule,
    KeysModule,
    RecordsModule,
  ],
})
export class AppModule {}
