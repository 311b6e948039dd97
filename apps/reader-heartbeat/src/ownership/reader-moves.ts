import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CLOCK, describeError, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { PartitionKeepers } from '../partition/partition-keepers.js';
import type { PartitionKeeper } from '../partition/partition.keeper.js';
import { MOST_NOTICES, MoveRepository, type MoveNotice } from '../partition/persistence/move.repository.js';

const TURN_MS = 1_000;

/** Completes, beside the heartbeats, what the moves of readers between partitions leave to do. */
@Injectable()
export class ReaderMoves implements OnApplicationBootstrap {
  private cancel: () => void = () => undefined;
  private turning: Promise<void> = Promise.resolve();
  /** How many partitions there are; the readers of a retired one fall to that with the remainder as its number. */
  private count = 1;
  private retired: readonly number[] = [];

  constructor(
    private readonly keepers: PartitionKeepers,
    private readonly moves: MoveRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.cancel = every({ clock: this.clock, ms: TURN_MS }, () => (this.turning = this.turn()));
  }

  /** @param retired partitions that may have readers still */
  follow(count: number, retired: readonly number[]): void {
    this.count = count;
    this.retired = retired;
  }

  async stop(): Promise<void> {
    this.cancel();
    await this.turning;
  }

  private async turn(): Promise<void> {
    const owned = this.owned();
    if (owned.length === 0) return;
    try {
      for (const keeper of owned) await keeper.retryNewcomers();
      for (const keeper of owned) if (this.inherits(keeper)) await keeper.inherit();
    } catch (error) {
      this.logger.debug({ reason: describeError(error) }, 'moves of readers not completed; retrying');
    }
  }

  private inherits({ number }: PartitionKeeper): boolean {
    return this.retired.some((partition) => partition % this.count === number);
  }

  /**
   * Drops the readers that are in other partitions now.
   * @returns the keepers of this process without those in which readers arrived meanwhile: there, a notice may be about an earlier move
   * @throws the error of the database
   */
  async applyNotices(): Promise<PartitionKeeper[]> {
    const owned = this.owned();
    if (owned.length === 0) return [];
    const adoptions = owned.map((keeper) => keeper.adoptions);
    let after: MoveNotice | undefined;
    do after = await this.applySome(owned, adoptions, after);
    while (after !== undefined);
    return owned.filter((keeper, at) => keeper.adoptions === adoptions[at]);
  }

  /** A notice is deleted the next time, when its reader is not there any more. @returns the last one, if there may be further ones */
  private async applySome(
    owned: readonly PartitionKeeper[],
    adoptions: readonly number[],
    after: MoveNotice | undefined,
  ): Promise<MoveNotice | undefined> {
    const notices = await this.moves.notices(
      owned.map(({ number }) => number),
      after,
    );
    const settled = owned.flatMap((keeper, at) =>
      keeper.adoptions === adoptions[at]
        ? keeper.dropMoved(notices.filter(({ partition }) => partition === keeper.number))
        : [],
    );
    if (settled.length > 0) await this.moves.deleteNotices(settled);
    return notices.length < MOST_NOTICES ? undefined : notices.at(-1);
  }

  private owned(): PartitionKeeper[] {
    return Array.from(this.keepers.all()).filter(({ table }) => table !== undefined);
  }
}
