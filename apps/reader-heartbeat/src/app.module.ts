import { Module } from '@nestjs/common';
import { exchanges, readerHeartbeatTopology } from '@signalbox/contracts/messages';
import { InfrastructureModule } from '@signalbox/nest-service';
import { ReplicasModule } from '@signalbox/state-streams';
import { entities, migrations } from './database/data-source.js';
import { HeartbeatsConsumer } from './heartbeats/heartbeats.consumer.js';
import { HeartbeatMetrics } from './heartbeats/heartbeats.metrics.js';
import { RefusedHeartbeats } from './heartbeats/refused-heartbeats.js';
import { Canaries } from './heartbeat-path/canaries.js';
import { KnownPlaces } from './limits/known-places.js';
import { OwnedPartitions } from './ownership/owned-partitions.js';
import { LeaseRepository } from './leases/lease.repository.js';
import { WatermarkRepository } from './leases/watermark.repository.js';
import { ReaderMoves } from './ownership/reader-moves.js';
import { Watermarks } from './ownership/watermarks.js';
import { PartitionKeepers } from './partition/partition-keepers.js';
import { MoveRepository } from './partition/persistence/move.repository.js';
import { ReaderRepository } from './partition/persistence/reader.repository.js';
import { TransitionRepository } from './partition/persistence/transition.repository.js';
import { PartitionMetrics } from './partition/partition.metrics.js';
import { BrokerSenders } from './senders/broker-senders.js';

@Module({
  imports: [
    InfrastructureModule.register({
      service: 'reader-heartbeat',
      topology: readerHeartbeatTopology(),
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
    Canaries,
    KnownPlaces,
    PartitionKeepers,
    OwnedPartitions,
    LeaseRepository,
    ReaderMoves,
    Watermarks,
    WatermarkRepository,
    MoveRepository,
    PartitionMetrics,
    ReaderRepository,
    TransitionRepository,
  ],
})
export class AppModule {}
