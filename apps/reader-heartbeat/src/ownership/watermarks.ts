import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, describeError, every, LOGGER, LoopTurns, type Clock, type Logger } from '@signalbox/platform';
import { Canaries } from '../heartbeat-path/canaries.js';
import type { Watermark } from '../heartbeat-path/watermark.rules.js';
import { fromDatabase, toDatabase, type DatabaseTime } from '../leases/database-time.rules.js';
import { WatermarkRepository } from '../leases/watermark.repository.js';
import { PartitionKeepers } from '../partition/partition-keepers.js';
import { ReaderMoves } from './reader-moves.js';

/** A death shows later by up to three of these: two canaries and a row. */
const TURN_MS = 250;
/** A partition that changes hands is without a watermark for some seconds. */
const REPORTED_AFTER_MS = 10_000;

/**
 * Says to the other partitions what those of this process have received, and to those what the others have. The heartbeats of a reader may go to
 * another partition than the one that knows it: it is silent only where all of them have received what was sent, and have dropped what has moved.
 */
@Injectable()
export class Watermarks {
  private cancel: () => void = () => undefined;
  private turning: Promise<void> = Promise.resolve();
  private count = 1;
  private isDivided = false;
  private time: DatabaseTime | undefined;
  /** Since when not all partitions have a watermark, monotonic ms. */
  private missingSince: number | undefined;
  private isReported = false;
  private readonly turns = new LoopTurns();

  constructor(
    private readonly keepers: PartitionKeepers,
    private readonly moves: ReaderMoves,
    private readonly canaries: Canaries,
    private readonly watermarks: WatermarkRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(process: string): void {
    this.cancel = every({ clock: this.clock, ms: TURN_MS }, () => (this.turning = this.turn(process)));
  }

  async stop(): Promise<void> {
    this.cancel();
    await this.turning;
  }

  /** @param isDivided whether a reader may be known in another partition than the one that its heartbeats go to */
  follow(count: number, isDivided: boolean): void {
    this.count = count;
    this.isDivided = isDivided;
  }

  private async turn(process: string): Promise<void> {
    for (const keeper of this.keepers.all()) while (!keeper.endMoved()) await this.turns.next();
    if (!this.isDivided) return;
    try {
      await this.write(process);
      await this.read();
      // What is sent now is received at the next turn.
      for (const { number } of this.keepers.all()) if (number < this.count) this.canaries.probe(number);
    } catch (error) {
      this.logger.debug({ reason: describeError(error) }, 'what partitions have received not exchanged; retrying');
    }
  }

  private async write(process: string): Promise<void> {
    const { time } = this;
    if (time === undefined) return;
    const own = new Map<number, Watermark>();
    for (const { number, watermark } of this.keepers.all())
      if (watermark !== undefined) own.set(number, toDatabase(watermark, time));
    if (own.size > 0) await this.watermarks.write(process, own);
  }

  /** The notices are read after the watermark: what moved before is not here any more where silence counts. */
  private async read(): Promise<void> {
    const { clock, count } = this;
    const asked = clock.monotonic();
    const { now, low } = await this.watermarks.read(count);
    const time = (this.time = { unix: now, asked, answered: clock.monotonic() });
    this.report(low !== undefined, time.answered);
    const informed = await this.moves.applyNotices();
    if (low === undefined || count !== this.count) return;
    for (const keeper of informed) keeper.setOthers(fromDatabase(low, time));
  }

  private report(isKnown: boolean, now: number): void {
    this.missingSince = isKnown ? undefined : (this.missingSince ?? now);
    const isOverdue = now - (this.missingSince ?? now) > REPORTED_AFTER_MS;
    if (isOverdue === this.isReported) return;
    this.isReported = isOverdue;
    if (isOverdue)
      this.logger.warn(
        { partitions: this.count },
        'a partition receives no heartbeats; no reader is declared dead before it does',
      );
    else this.logger.info({ partitions: this.count }, 'all partitions receive heartbeats again');
  }
}
