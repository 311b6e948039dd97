import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { readersStream, type StreamDelta } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, CONFIG, HEALTH, LOGGER, SHUTDOWN, type Clock, type Health, type Logger } from '@signalbox/platform';
import { StreamAnnouncer } from '@signalbox/state-streams';
import type { Config } from '../config.js';
import { Canary } from '../line/canary.js';
import { LineWatch } from '../line/line-watch.js';
import type { Beat } from '../liveness/beat.js';
import type { LivenessSettings } from '../liveness/lease.js';
import { now } from '../liveness/now.js';
import { ReaderTable } from '../liveness/reader-table.js';
import { BeatTimesAnnouncer } from './beat-times.announcer.js';
import { ExpiryTimer } from './expiry-timer.js';
import { ReaderRepository } from './persistence/reader.repository.js';
import { ReaderPartition } from './reader-partition.js';
import { ReaderWriter } from './reader-writer.js';

/** There is one partition as yet. */
export const PARTITION = 0;

const TAKE_OVER_RETRY_MS = 1_000;

/** All that an owner runs for its partition. */
interface Holding {
  readonly partition: ReaderPartition;
  readonly announcer: StreamAnnouncer;
  readonly beatTimes: BeatTimesAnnouncer;
  readonly writer: ReaderWriter;
  readonly expiry: ExpiryTimer;
}

/**
 * Holds the partition from its first delivery on: AMQP does not say which of several consumers is the active one, what
 * it is given does. Taking over means a new epoch, the state from the database, and only then the beats. When deliveries
 * end, another one may be the active consumer: the partition is let go, and the next delivery takes it over again.
 */
@Injectable()
export class PartitionKeeper implements BeforeApplicationShutdown {
  private readonly line = new LineWatch();
  private readonly stream = readersStream(PARTITION).name;
  private holding: Holding | undefined;
  private lettingGo: Promise<void> = Promise.resolve();
  /** Counts the times that deliveries began or ended; odd while they come. */
  private turn = 0;

  constructor(
    private readonly amqp: Amqp,
    private readonly canary: Canary,
    private readonly repository: ReaderRepository,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(HEALTH) private readonly health: Health,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {}

  /** Beats that arrived at `arrivedAt` (monotonic ms), in order. Takes the partition over if it is not ours yet. */
  async record(beats: readonly Beat[], arrivedAt: number): Promise<void> {
    const received = this.line.receivedAt(arrivedAt);
    // It may wait for the database, and beats that arrived meanwhile wait behind these.
    const holding = await this.hold();
    const { unix, monotonic } = now(this.clock);
    const ageMs = monotonic - received;
    holding?.partition.record(beats, { monotonic: received, unix: unix - Math.round(ageMs) });
    holding?.expiry.arm();
  }

  /** A canary came back that was sent at `sentAt` (monotonic ms). */
  async heardCanary(sentAt: number): Promise<void> {
    const holding = await this.hold();
    if (holding === undefined) return;
    const at = this.clock.monotonic();
    if (this.line.heard(sentAt, at) === 'opened') holding.expiry.lineOpened();
    if (this.line.isOpen(at)) holding.expiry.heardUpTo(sentAt);
  }

  deliveriesBegan(): void {
    if (!this.delivered) this.turn += 1;
  }

  /** Somebody else may own the partition by now, so nothing more is said about it from here. */
  deliveriesEnded(): void {
    if (this.delivered) this.turn += 1;
    if (this.holding !== undefined) this.lettingGo = this.letGo(this.holding);
    this.holding = undefined;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.deliveriesEnded();
    await this.lettingGo;
  }

  private get delivered(): boolean {
    return this.turn % 2 === 1;
  }

  private async letGo({ expiry, beatTimes, announcer, writer }: Holding): Promise<void> {
    expiry.stop();
    beatTimes.stop();
    announcer.disown();
    this.logger.info({ stream: this.stream }, 'let the partition go');
    await writer.close();
  }

  /**
   * Without the database there is no epoch, and nothing may be said: it is waited for, and the beats with it. Undefined
   * when deliveries have ended: what is still in this process is delivered again, to whoever is the active one then.
   */
  private async hold(): Promise<Holding | undefined> {
    const { turn } = this;
    while (this.holding === undefined && this.delivered && turn === this.turn) {
      this.shutdown.throwIfAborted();
      await this.lettingGo;
      try {
        const taken = await this.takeOver();
        if (turn === this.turn) this.holding = taken;
        else this.lettingGo = this.letGo(taken);
      } catch (error) {
        this.logger.warn({ err: error }, 'the partition could not be taken over; trying again');
        await new Promise<void>((resolve) => this.clock.schedule(TAKE_OVER_RETRY_MS, resolve));
      }
    }
    return turn === this.turn ? this.holding : undefined;
  }

  private async takeOver(): Promise<Holding> {
    const { amqp, clock, health, logger, repository, stream } = this;
    const epoch = await repository.takeEpoch(PARTITION, now(clock));
    const table = new ReaderTable(this.settings(), clock.monotonic());
    table.restore(await repository.load(PARTITION, now(clock)));

    const beatTimes = new BeatTimesAnnouncer({ stream, epoch, amqp, clock, logger });
    // A snapshot says when each reader changed last, not when it beat last: that is told anew to whoever takes one.
    const announcer = new StreamAnnouncer({
      stream,
      amqp,
      clock,
      logger,
      health,
      onSnapshot: () => beatTimes.note(table.all()),
    });
    const writer = new ReaderWriter({ partition: PARTITION, epoch, repository, clock, logger });
    const partition = new ReaderPartition({
      stream,
      epoch,
      table,
      settings: {
        heartbeat_check_interval: this.config.SIGNALBOX_HEARTBEAT_CHECK_INTERVAL,
        reader_message_timeout_ms: this.config.SIGNALBOX_READER_MESSAGE_TIMEOUT_MS,
        missed_beats: this.config.SIGNALBOX_MISSED_BEATS,
      },
      listener: {
        told: (delta) => this.announce(announcer, delta),
        changed: (readers, forgotten) => writer.changed(readers, forgotten),
        renewed: (readers) => {
          const heard = [...readers];
          beatTimes.note(heard);
          writer.renewed(heard);
        },
      },
    });
    const expiry = new ExpiryTimer({ partition, probe: () => this.canary.send(), clock, logger });
    announcer.own(partition.owner);
    beatTimes.start();
    logger.info({ stream, epoch, readers: table.size }, 'took the partition over');
    return { partition, announcer, beatTimes, writer, expiry };
  }

  private announce(announcer: StreamAnnouncer, delta: StreamDelta): void {
    announcer.announce(delta).catch((error: unknown) => {
      // The next beacon shows the gateways that they missed it, and they take a snapshot.
      this.logger.debug({ err: error, seq: delta.seq }, 'a delta was not confirmed');
    });
  }

  private settings(): LivenessSettings {
    return {
      heartbeatCheckInterval: this.config.SIGNALBOX_HEARTBEAT_CHECK_INTERVAL,
      missedBeats: this.config.SIGNALBOX_MISSED_BEATS,
      readerMessageTimeoutMs: this.config.SIGNALBOX_READER_MESSAGE_TIMEOUT_MS,
      retentionMs: this.config.SIGNALBOX_READER_RETENTION_SECONDS * 1_000,
    };
  }
}
