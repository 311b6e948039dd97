import { Module } from '@nestjs/common';
import { readerHeartbeatTopology } from '@signalbox/contracts/messages';
import { InfrastructureModule } from '@signalbox/nest-service';
import { entities, migrations } from './database/data-source.js';
import { HeartbeatsConsumer } from './heartbeats/heartbeats.consumer.js';
import { Canary } from './heartbeat-path/canary.js';
import { ReaderRepository } from './partition/persistence/reader.repository.js';
import { PARTITION, PartitionKeeper } from './partition/partition.keeper.js';

@Module({
  imports: [
    InfrastructureModule.register({
      service: 'reader-heartbeat',
      topology: readerHeartbeatTopology([PARTITION]),
      entities,
      migrations,
      requiredForReadiness: true,
    }),
  ],
  providers: [HeartbeatsConsumer, Canary, PartitionKeeper, ReaderRepository],
})
export class AppModule {}
