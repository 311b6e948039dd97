import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { readersStream, type StreamDelta } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import {
  CLOCK,
  CONFIG,
  HEALTH,
  LOGGER,
  SHUTDOWN,
  wait,
  type Clock,
  type Health,
  type Logger,
} from '@signalbox/platform';
import { StreamAnnouncer } from '@signalbox/state-streams';
import type { Config } from '../config.js';
import { Canary } from '../heartbeat-path/canary.js';
import { HeartbeatPathWatch } from '../heartbeat-path/heartbeat-path-watch.rules.js';
import { ReaderPlaces } from '../limits/reader-places.rules.js';
import type { Beat } from '../liveness/beat.js';
import type { LivenessSettings } from '../liveness/lease.rules.js';
import { now } from '../liveness/now.js';
import { ReaderTable } from '../liveness/reader-table.rules.js';
import { BrokerSenders } from '../senders/broker-senders.js';
import { BeatTimesAnnouncer } from './beat-times.announcer.js';
import { ExpiryTimer } from './expiry-timer.js';
import { ForgetRequests } from './forget-requests.js';
import { HistoryBounds } from './history-bounds.js';
import { PartitionRequests } from './partition-requests.js';
import { ReaderRepository } from './persistence/reader.repository.js';
import { TransitionRepository } from './persistence/transition.repository.js';
import { ReaderPartition, type BeatWithoutPlace } from './reader-partition.js';
import { ReaderWriter } from './reader-writer.js';
import { ShowRequests } from './show-requests.js';

/** The only partition so far. */
export const PARTITION = 0;

const TAKE_OVER_RETRY_MS = 1_000;

/** What runs while this process owns the partition. */
interface Ownership {
  readonly table: ReaderTable;
  readonly partition: ReaderPartition;
  readonly announcer: StreamAnnouncer;
  readonly beatTimes: BeatTimesAnnouncer;
  readonly writer: ReaderWriter;
  readonly expiry: ExpiryTimer;
  readonly history: HistoryBounds;
  readonly requests: PartitionRequests;
  /** Ends following the keys of readers. */
  readonly leaveKeys: () => void;
}

/**
 * Takes the partition over at the first delivery. AMQP does not report which of several consumers is the active one; only the
 * active one gets deliveries. A take-over takes a new epoch, then loads the state from the database, then applies heartbeats.
 * When deliveries end, another process may be the active consumer: the partition is released, and taken over again at the next
 * delivery.
 */
@Injectable()
export class PartitionKeeper implements BeforeApplicationShutdown {
  private readonly path = new HeartbeatPathWatch();
  private readonly stream = readersStream(PARTITION).name;
  private ownership: Ownership | undefined;
  private releasing: Promise<void> = Promise.resolve();
  /** Counts how often deliveries began or ended; odd while this process is the active consumer. */
  private turn = 0;

  constructor(
    private readonly amqp: Amqp,
    private readonly canary: Canary,
    private readonly repository: ReaderRepository,
    private readonly transitions: TransitionRepository,
    private readonly senders: BrokerSenders,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(HEALTH) private readonly health: Health,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {}

  /**
   * Applies heartbeats that arrived at `arrivedAt` (monotonic ms), in order. Takes the partition over if it is not owned yet. Returns
   * those without an effect because there is no place for their reader.
   */
  async record(beats: readonly Beat[], arrivedAt: number): Promise<BeatWithoutPlace[]> {
    const received = this.path.receivedAt(arrivedAt);
    // This may wait for the database; later heartbeats then wait behind these.
    const ownership = await this.own();
    const { unix, monotonic } = now(this.clock);
    const ageMs = monotonic - received;
    const at = { monotonic: received, unix: unix - Math.round(ageMs) };
    const withoutPlace = ownership?.partition.record(beats, at) ?? [];
    ownership?.expiry.arm();
    return withoutPlace;
  }

  /** To be called when a canary that was sent at `sentAt` (monotonic ms) returns. */
  async canaryReturned(sentAt: number): Promise<void> {
    const ownership = await this.own();
    if (ownership === undefined) return;
    const at = this.clock.monotonic();
    if (!this.senders.canPublishWithKeys) return this.path.canaryReturnedAlone(sentAt, at);
    if (this.path.canaryReturned(sentAt, at) === 'opened') ownership.expiry.pathOpened();
    if (this.path.isOpen(at)) ownership.expiry.receivedUpTo(sentAt);
  }

  /** The readers; undefined while this process does not own the partition. */
  get table(): Pick<ReaderTable, 'count' | 'oldestHeartbeat'> | undefined {
    return this.ownership?.table;
  }

  /** Ms since a canary of this process returned in time. */
  get canaryAgeMs(): number {
    return this.path.canaryAge(this.clock.monotonic());
  }

  deliveriesBegan(): void {
    if (!this.delivered) this.turn += 1;
  }

  /** Another process may own the partition now, so this one publishes nothing more about it. */
  deliveriesEnded(): void {
    if (this.delivered) this.turn += 1;
    if (this.ownership !== undefined) this.releasing = this.release(this.ownership);
    this.ownership = undefined;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.deliveriesEnded();
    await this.releasing;
  }

  private get delivered(): boolean {
    return this.turn % 2 === 1;
  }

  private async release({
    expiry,
    beatTimes,
    announcer,
    writer,
    history,
    requests,
    leaveKeys,
  }: Ownership): Promise<void> {
    leaveKeys();
    history.stop();
    requests.stop();
    expiry.stop();
    beatTimes.stop();
    announcer.disown();
    this.logger.info({ stream: this.stream }, 'partition released');
    await writer.close();
  }

  /**
   * Takes the partition over if it is not owned yet. Without the database there is no epoch and nothing may be published, so this
   * waits for the database. Returns undefined when deliveries have ended: the broker delivers the messages that are still in this
   * process again, to the consumer that is then active.
   */
  private async own(): Promise<Ownership | undefined> {
    const { turn } = this;
    while (this.ownership === undefined && this.delivered && turn === this.turn) {
      this.shutdown.throwIfAborted();
      await this.releasing;
      try {
        const taken = await this.takeOver();
        if (turn === this.turn) this.ownership = taken;
        else this.releasing = this.release(taken);
      } catch (error) {
        this.logger.warn({ err: error }, 'take-over of the partition failed; retrying');
        await wait({ clock: this.clock, ms: TAKE_OVER_RETRY_MS });
      }
    }
    return turn === this.turn ? this.ownership : undefined;
  }

  private async takeOver(): Promise<Ownership> {
    const { amqp, clock, health, logger, repository, stream } = this;
    const epoch = await repository.takeEpoch(PARTITION, now(clock));
    const stored = await repository.load(PARTITION, now(clock));
    const { SIGNALBOX_MAX_READERS: all, SIGNALBOX_MAX_READERS_PER_KEY: perKey } = this.config;
    const places = new ReaderPlaces({ all, perKey });
    const table = new ReaderTable(this.settings(), clock.monotonic(), places);
    const takeKeys = (): void => places.setKeys(this.senders.keys, table.places());
    takeKeys();
    table.restore(stored);

    const beatTimes = new BeatTimesAnnouncer({ stream, epoch, amqp, clock, logger });
    // A snapshot has the time of each reader's last change, not of its last heartbeat: those are published again after it.
    const announcer = new StreamAnnouncer({
      stream,
      amqp,
      clock,
      logger,
      health,
      onSnapshot: () => beatTimes.note(table.all()),
    });
    const history = new HistoryBounds({
      partition: PARTITION,
      repository: this.transitions,
      entries: this.config.SIGNALBOX_READER_HISTORY_ENTRIES,
      days: this.config.SIGNALBOX_READER_HISTORY_DAYS,
      clock,
      logger,
    });
    const writer = new ReaderWriter({
      partition: PARTITION,
      epoch,
      repository,
      onTransitions: (transitions) => history.noteWritten(transitions),
      clock,
      logger,
    });
    const partition = new ReaderPartition({
      stream,
      epoch,
      table,
      settings: {
        heartbeat_check_interval: this.config.SIGNALBOX_HEARTBEAT_CHECK_INTERVAL,
        reader_message_timeout_ms: this.config.SIGNALBOX_READER_MESSAGE_TIMEOUT_MS,
        missed_beats: this.config.SIGNALBOX_MISSED_BEATS,
        partitions: 1,
      },
      listener: {
        committed: (delta) => this.announce(announcer, delta),
        changed: (readers, forgotten, transitions) => writer.changed(readers, forgotten, transitions),
        renewed: (readers) => {
          const list = [...readers];
          beatTimes.note(list);
          writer.renewed(list);
        },
      },
    });
    const expiry = new ExpiryTimer({ partition, probe: () => this.canary.send(), clock, logger });
    const leaveKeys = this.senders.onKeys(takeKeys);
    const number = PARTITION;
    const forget = new ForgetRequests({ number, epoch, partition, repository, clock, logger });
    const show = new ShowRequests({
      number,
      partition,
      repository,
      transitions: this.transitions,
      isSilenceCounted: () => this.path.isOpen(clock.monotonic()),
      clock,
      logger,
    });
    const requests = new PartitionRequests({ number, forget, show, amqp, logger });
    announcer.own(partition.owner);
    beatTimes.start();
    history.start();
    logger.info({ stream, epoch, readers: table.size }, 'partition taken over');
    return { table, partition, announcer, beatTimes, writer, history, expiry, requests, leaveKeys };
  }

  private announce(announcer: StreamAnnouncer, delta: StreamDelta): void {
    announcer.announce(delta).catch((error: unknown) => {
      // The next beacon shows the gateways that they missed the delta, and they request a snapshot.
      this.logger.debug({ err: error, seq: delta.seq }, 'delta not confirmed');
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
