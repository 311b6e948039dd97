import { Module } from '@nestjs/common';
import { streamOwnerTopology } from '@signalbox/contracts/messages';
import { datasourcesStream } from '@signalbox/contracts/streams';
import { InfrastructureModule } from '@signalbox/nest-service';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { entities, migrations } from './database/data-source.js';

const service = 'datasource-sync';

@Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: streamOwnerTopology(),
      entities,
      migrations,
      requiredForReadiness: true,
    }),
    PostgresStreamModule.register({ service, stream: datasourcesStream.name, load: async () => [] }),
  ],
})
export class AppModule {}
