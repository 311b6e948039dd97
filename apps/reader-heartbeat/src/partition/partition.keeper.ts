import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { streams, type StreamDelta } from '@signalbox/contracts';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, CONFIG, LOGGER, SHUTDOWN, type Clock, type Logger } from '@signalbox/platform';
import { StreamAnnouncer } from '@signalbox/state-streams';
import type { Config } from '../config.js';
import { BeatTimesAnnouncer } from '../heartbeats/beat-times.announcer.js';
import { LineWatch } from '../line/line-watch.js';
import type { Beat } from '../liveness/beat.js';
import type { LivenessSettings } from '../liveness/lease.js';
import { now } from '../liveness/now.js';
import { ReaderTable } from '../liveness/reader-table.js';
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
 * it is given does. Taking over means a new epoch, the state from the database, and only then the beats.
 */
@Injectable()
export class PartitionKeeper implements BeforeApplicationShutdown {
  private readonly line = new LineWatch();
  private readonly stream = streams.readers(PARTITION);
  private holding: Holding | undefined;

  constructor(
    private readonly amqp: Amqp,
    private readonly repository: ReaderRepository,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {}

  /** Beats in order of arrival. Takes the partition over if it is not ours yet. */
  async record(beats: readonly Beat[]): Promise<void> {
    const { partition, expiry } = await this.hold();
    const { unix, monotonic } = now(this.clock);
    const received = this.line.receivedAt(monotonic);
    partition.record(beats, { monotonic: received, unix: unix - Math.round(monotonic - received) });
    expiry.arm();
  }

  /** A canary came back that was sent at `sentAt` (monotonic ms). */
  async heardCanary(sentAt: number): Promise<void> {
    const { expiry } = await this.hold();
    if (this.line.heard(sentAt, this.clock.monotonic()) === 'opened') expiry.lineOpened();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.holding?.expiry.stop();
    this.holding?.beatTimes.stop();
    this.holding?.announcer.disown();
    await this.holding?.writer.close();
  }

  /** Without the database there is no epoch, and nothing may be said: it is waited for, and the beats with it. */
  private async hold(): Promise<Holding> {
    while (this.holding === undefined) {
      this.shutdown.throwIfAborted();
      try {
        this.holding = await this.takeOver();
      } catch (error) {
        this.logger.warn({ err: error }, 'the partition could not be taken over; trying again');
        await new Promise<void>((resolve) => this.clock.schedule(TAKE_OVER_RETRY_MS, resolve));
      }
    }
    return this.holding;
  }

  private async takeOver(): Promise<Holding> {
    const { amqp, clock, logger, repository, stream, line } = this;
    const epoch = await repository.takeEpoch(PARTITION, now(clock));
    const table = new ReaderTable(this.settings(), clock.monotonic());
    table.restore(await repository.load(PARTITION, now(clock)));

    const announcer = new StreamAnnouncer({ stream, amqp, clock, logger });
    const beatTimes = new BeatTimesAnnouncer({ stream, epoch, amqp, clock, logger });
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
    const expiry = new ExpiryTimer({ partition, line, clock, logger });
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
