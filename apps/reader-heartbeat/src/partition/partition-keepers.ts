import { Inject, Injectable } from '@nestjs/common';
import { Amqp } from '@signalbox/messaging';
import {
  CLOCK,
  CONFIG,
  HEALTH,
  LOGGER,
  LoopTurns,
  SHUTDOWN,
  type Clock,
  type Health,
  type Logger,
} from '@signalbox/platform';
import type { Config } from '../config.js';
import { Canaries } from '../heartbeat-path/canaries.js';
import { KnownPlaces } from '../limits/known-places.js';
import { BrokerSenders } from '../senders/broker-senders.js';
import { PartitionKeeper, type KeeperSurroundings, type Partitioning } from './partition.keeper.js';
import { MoveRepository } from './persistence/move.repository.js';
import { ReaderRepository } from './persistence/reader.repository.js';
import { TransitionRepository } from './persistence/transition.repository.js';

/** The keepers of the partitions of this process. */
@Injectable()
export class PartitionKeepers {
  private readonly keepers = new Map<number, PartitionKeeper>();
  private readonly surroundings: KeeperSurroundings;

  constructor(
    amqp: Amqp,
    canaries: Canaries,
    repository: ReaderRepository,
    transitions: TransitionRepository,
    moves: MoveRepository,
    senders: BrokerSenders,
    places: KnownPlaces,
    @Inject(CONFIG) config: Config,
    @Inject(CLOCK) clock: Clock,
    @Inject(HEALTH) health: Health,
    @Inject(LOGGER) logger: Logger,
    @Inject(SHUTDOWN) shutdown: AbortSignal,
  ) {
    this.surroundings = {
      amqp,
      canaries,
      repository,
      transitions,
      moves,
      senders,
      places,
      config,
      clock,
      health,
      logger,
      shutdown,
      turns: new LoopTurns(),
    };
  }

  all(): Iterable<PartitionKeeper> {
    return this.keepers.values();
  }

  add(number: number, partitioning: Partitioning): PartitionKeeper {
    const keeper = new PartitionKeeper(number, partitioning, this.surroundings);
    this.keepers.set(number, keeper);
    return keeper;
  }

  async remove(keeper: PartitionKeeper): Promise<void> {
    await keeper.close();
    this.keepers.delete(keeper.number);
  }
}
