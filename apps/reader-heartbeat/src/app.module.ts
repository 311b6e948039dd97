import { Module } from '@nestjs/common';
import { exchanges, readerHeartbeatTopology } from '@signalbox/contracts/messages';
import { InfrastructureModule } from '@signalbox/nest-service';
import { entities, migrations } from './database/data-source.js';
import { HeartbeatsConsumer } from './heartbeats/heartbeats.consumer.js';
import { HeartbeatMetrics } from './heartbeats/heartbeats.metrics.js';
import { Canary } from './heartbeat-path/canary.js';
import { ReaderRepository } from './partition/persistence/reader.repository.js';
import { PARTITION, PartitionKeeper } from './partition/partition.keeper.js';
import { PartitionMetrics } from './partition/partition.metrics.js';

@Module({
  imports: [
    InfrastructureModule.register({
      service: 'reader-heartbeat',
      topology: readerHeartbeatTopology([PARTITION]),
      deadLetters: exchanges.refusedHeartbeats.name,
      entities,
      migrations,
      requiredForReadiness: true,
    }),
  ],
  providers: [HeartbeatsConsumer, HeartbeatMetrics, Canary, PartitionKeeper, PartitionMetrics, ReaderRepository],
})
export class AppModule {}
