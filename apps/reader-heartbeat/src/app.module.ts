import { Module } from '@nestjs/common';
import { exchanges, readerHeartbeatTopology } from '@signalbox/contracts/messages';
import { InfrastructureModule } from '@signalbox/nest-service';
import { ReplicasModule } from '@signalbox/state-streams';
import { entities, migrations } from './database/data-source.js';
import { HeartbeatsConsumer } from './heartbeats/heartbeats.consumer.js';
import { HeartbeatMetrics } from './heartbeats/heartbeats.metrics.js';
import { RefusedHeartbeats } from './heartbeats/refused-heartbeats.js';
import { Canary } from './heartbeat-path/canary.js';
import { ReaderRepository } from './partition/persistence/reader.repository.js';
import { TransitionRepository } from './partition/persistence/transition.repository.js';
import { PARTITION, PartitionKeeper } from './partition/partition.keeper.js';
import { PartitionMetrics } from './partition/partition.metrics.js';
import { BrokerSenders } from './senders/broker-senders.js';

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
    ReplicasModule.register({ service: 'reader-heartbeat' }),
  ],
  providers: [
    HeartbeatsConsumer,
    RefusedHeartbeats,
    HeartbeatMetrics,
    BrokerSenders,
    Canary,
    PartitionKeeper,
    PartitionMetrics,
    ReaderRepository,
    TransitionRepository,
  ],
})
export class AppModule {}
