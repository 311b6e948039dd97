import { Module } from '@nestjs/common';
import { streamOwnerTopology, streams } from '@signalbox/contracts';
import { InfrastructureModule } from '@signalbox/nest-service';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { entities, migrations } from './database/data-source.js';

const service = 'dataplane-control';

@Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: streamOwnerTopology(),
      entities,
      migrations,
      requiredForReadiness: true,
    }),
    PostgresStreamModule.register({ service, stream: streams.dataplane, load: async () => [] }),
  ],
})
export class AppModule {}
