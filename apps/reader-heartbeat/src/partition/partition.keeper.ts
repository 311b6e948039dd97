import { readersStream, type ReadersSettings, type StreamDelta } from '@signalbox/contracts/streams';
import type { Amqp } from '@signalbox/messaging';
import { wait, type Clock, type Health, type Logger, type LoopTurns } from '@signalbox/platform';
import { StreamAnnouncer } from '@signalbox/state-streams';
import type { Config } from '../config.js';
import type { Canaries } from '../heartbeat-path/canaries.js';
import { CANARY_TIMEOUT_MS, HeartbeatPathWatch } from '../heartbeat-path/heartbeat-path-watch.rules.js';
import { EVERYTHING, NOTHING, type Watermark } from '../heartbeat-path/watermark.rules.js';
import type { KnownPlaces } from '../limits/known-places.js';
import type { Beat } from '../liveness/beat.js';
import type { LivenessSettings } from '../liveness/lease.rules.js';
import { now } from '../liveness/now.js';
import type { Reader } from '../liveness/reader.js';
import { ReaderTable } from '../liveness/reader-table.rules.js';
import type { BrokerSenders } from '../senders/broker-senders.js';
import { BeatTimesAnnouncer } from './beat-times.announcer.js';
import { ExpiryTimer } from './expiry-timer.js';
import { ForgetRequests } from './forget-requests.js';
import { HistoryBounds } from './history-bounds.js';
import { newest, Newcomers, type OnWithoutPlace } from './newcomers.js';
import { PartitionRequests } from './partition-requests.js';
import type { MoveNotice, MoveRepository } from './persistence/move.repository.js';
import type { ReaderRepository } from './persistence/reader.repository.js';
import type { TransitionRepository } from './persistence/transition.repository.js';
import { ReaderPartition } from './reader-partition.js';
import { restoreReaders } from './restore-readers.js';
import { ReaderWriter } from './reader-writer.js';
import { ShowRequests } from './show-requests.js';

const TAKE_OVER_RETRY_MS = 1_000;
/** A reader that has moved is shown here until the stream of its partition has surely been followed. */
const MOVED_SHOWN_MS = 2_000;

/** What runs while this process owns the partition. */
interface Ownership {
  readonly epoch: number;
  /** When the take-over ended, monotonic ms. */
  readonly since: number;
  readonly newcomers: Newcomers;
  readonly table: ReaderTable;
  readonly partition: ReaderPartition;
  readonly announcer: StreamAnnouncer;
  readonly beatTimes: BeatTimesAnnouncer;
  readonly writer: ReaderWriter;
  readonly expiry: ExpiryTimer;
  readonly history: HistoryBounds;
  readonly requests: PartitionRequests;
}

/** What the partitions of a process have in common. */
export interface KeeperSurroundings {
  readonly amqp: Amqp;
  readonly canaries: Canaries;
  readonly repository: ReaderRepository;
  readonly transitions: TransitionRepository;
  readonly moves: MoveRepository;
  readonly senders: BrokerSenders;
  readonly places: KnownPlaces;
  readonly config: Config;
  readonly clock: Clock;
  readonly health: Health;
  readonly logger: Logger;
  readonly shutdown: AbortSignal;
  /** Of all partitions: one works through many readers at a time. */
  readonly turns: LoopTurns;
}

/** What all partitions together are. */
export interface Partitioning {
  /** How many there are. */
  readonly count: number;
  /** How many have a stream: retired ones too, as long as they have readers. */
  readonly streams: number;
  /** Whether a reader that is not known in a partition may be known in another one. */
  readonly isDivided: boolean;
}

/**
 * Owns one partition while this process consumes its queue, which no other process can. A take-over takes a new epoch, then loads the state
 * from the database, then applies heartbeats. When deliveries end, another process may get the queue: the partition is released, and taken
 * over again when this process consumes again.
 */
export class PartitionKeeper {
  private readonly path = new HeartbeatPathWatch();
  private readonly stream: string;
  private ownership: Ownership | undefined;
  private taking: Promise<Ownership | undefined> = Promise.resolve(undefined);
  /** The last take-over, also where deliveries have ended meanwhile: its statements may still be on their way. */
  private attempt: Promise<unknown> = Promise.resolve();
  private releasing: Promise<void> = Promise.resolve();
  /** Counts how often deliveries began or ended; odd while this process consumes the queue. */
  private turn = 0;
  /** Another process, or this one after a restart, is to own the partition. */
  private isGivenUp = false;
  /** What was sent before has been received, and its readers are known here; monotonic ms. */
  private through = -Infinity;
  private others: Watermark;

  constructor(
    readonly number: number,
    private partitioning: Partitioning,
    private readonly surroundings: KeeperSurroundings,
  ) {
    this.stream = readersStream(number).name;
    this.others = partitioning.isDivided ? NOTHING : EVERYTHING;
  }

  /**
   * Applies heartbeats that arrived at `arrivedAt` (monotonic ms), in order. Waits for the take-over; later heartbeats then wait behind these.
   * `onWithoutPlace` gets those without an effect because there is no place for their reader, perhaps later.
   */
  record(beats: readonly Beat[], arrivedAt: number, onWithoutPlace: OnWithoutPlace): void | Promise<void> {
    this.path.arrived(arrivedAt);
    const received = this.path.receivedAt(arrivedAt);
    return this.owning(({ newcomers, partition }) => {
      const { unix, monotonic } = now(this.surroundings.clock);
      const at = { monotonic: received, unix: unix - Math.round(monotonic - received) };
      const known = this.partitioning.isDivided ? newcomers.keep(beats, at, onWithoutPlace) : beats;
      onWithoutPlace(partition.record(known, at));
    });
  }

  /** To be called when a canary that was sent at `sentAt` (monotonic ms) returns. Waits for the take-over. */
  canaryReturned(sentAt: number): void | Promise<void> {
    return this.owning(({ expiry, newcomers }) => {
      const at = this.surroundings.clock.monotonic();
      if (!this.surroundings.senders.canPublishWithKeys) return this.path.canaryReturnedAlone(sentAt, at);
      if (this.path.canaryReturned(sentAt, at) === 'opened') expiry.pathOpened();
      if (!this.path.isConclusive(sentAt, at)) return;
      newcomers.whenLookedUp(() => (this.through = Math.max(this.through, sentAt)));
      expiry.receivedUpTo(sentAt);
    });
  }

  /** What this partition has received; undefined: silence does not count. */
  get watermark(): Watermark | undefined {
    const since = this.path.openSince(this.surroundings.clock.monotonic());
    if (this.ownership === undefined || since === undefined || this.through < this.ownership.since) return undefined;
    return { since: Math.max(since, this.ownership.since), through: this.through };
  }

  /** What the other partitions have received. Where there are none any more, it is of before. */
  setOthers(watermark: Watermark): void {
    this.others = this.partitioning.isDivided ? watermark : EVERYTHING;
    this.ownership?.expiry.setOthers(this.others);
  }

  /** The readers; undefined while this process does not own the partition. */
  get table(): Pick<ReaderTable, 'count' | 'oldestHeartbeat'> | undefined {
    return this.ownership?.table;
  }

  /** A reader of the partition; undefined also while this process does not own it. */
  readonly known = (readerId: string): Reader | undefined => this.ownership?.table.get(readerId);

  /** Ms since a canary of this process returned in time. */
  get canaryAgeMs(): number {
    return this.path.canaryAge(this.surroundings.clock.monotonic());
  }

  /** Whether the partition has no reader, and this process owns it. */
  get isEmpty(): boolean {
    return this.ownership?.partition.isEmpty === true;
  }

  /** How often readers were adopted. */
  get adoptions(): number {
    return this.ownership?.partition.adoptions ?? 0;
  }

  /** Where the number of partitions has changed, the heartbeats of a reader may arrive in another one: silence counts from now on. */
  setPartitioning(partitioning: Partitioning): void {
    const { count, isDivided } = this.partitioning;
    this.partitioning = partitioning;
    if (partitioning.isDivided !== isDivided) this.setOthers(NOTHING);
    this.ownership?.partition.setSettings(this.shownSettings());
    if (count !== partitioning.count) this.ownership?.expiry.countFromNow();
  }

  /** Drops the readers that are in another partition now. @returns the notices whose reader was not here any more */
  dropMoved(notices: readonly MoveNotice[]): MoveNotice[] {
    const { ownership } = this;
    if (ownership === undefined) return [];
    const readers = notices.flatMap(({ readerId }) => ownership.table.get(readerId) ?? []);
    const dropped = new Set(readers.map(({ readerId }) => readerId));
    ownership.partition.drop(readers, this.surroundings.clock.monotonic());
    return notices.filter(({ readerId }) => !dropped.has(readerId));
  }

  /** Ends showing readers that have been shown in another partition for long enough, some at a time. @returns whether that were all */
  endMoved(): boolean {
    return this.ownership?.partition.endMoved(this.surroundings.clock.monotonic() - MOVED_SHOWN_MS) ?? true;
  }

  /** Takes the readers of retired partitions over that fall to this one. @throws the error of the database */
  async inherit(): Promise<void> {
    const { number, ownership, partitioning } = this;
    const { moves, clock, logger } = this.surroundings;
    if (ownership === undefined) return;
    for (;;) {
      const found = await moves.inherited(number, partitioning.count, now(clock));
      if (found.length === 0 || this.ownership !== ownership) return;
      const readers = newest(found);
      const moved = await moves.move(number, ownership.epoch, [...readers.keys()]);
      if (moved === 0 || this.ownership !== ownership) return;
      ownership.partition.adopt([...readers.values()].filter(({ readerId }) => !ownership.table.get(readerId)));
      ownership.expiry.countFromNow();
      logger.info({ stream: this.stream, readers: readers.size }, 'readers of retired partitions taken over');
    }
  }

  /** Looks up newcomers again that could not be looked up. @throws the error of the database */
  async retryNewcomers(): Promise<void> {
    await this.ownership?.newcomers.retry();
  }

  deliveriesBegan(): void {
    if (this.delivered) return;
    this.turn += 1;
    this.surroundings.canaries.join(this.number);
    this.attempt = this.taking = this.own(this.turn, this.attempt);
  }

  /** Another process may own the partition now, so this one publishes nothing more about it. */
  deliveriesEnded(): void {
    if (!this.delivered) return;
    this.turn += 1;
    this.surroundings.canaries.leave(this.number);
    this.taking = Promise.resolve(undefined);
    if (this.ownership !== undefined) this.releasing = this.release(this.ownership);
    this.ownership = undefined;
  }

  /** The end of its deliveries is intended: the partition is given to another process, or this one stops. */
  giveUp(): void {
    this.isGivenUp = true;
  }

  /** Ends owning. Resolves when what was to be written is written, or cannot be. */
  async close(): Promise<void> {
    this.deliveriesEnded();
    await this.attempt;
    await this.releasing;
  }

  /** Does something when the partition is taken over, in the order of the calls; not if deliveries end before. */
  private owning(work: (ownership: Ownership) => void): void | Promise<void> {
    if (this.ownership !== undefined) return work(this.ownership);
    return this.taking.then((ownership) => {
      if (ownership !== undefined) work(ownership);
    });
  }

  /** Whether heartbeats can get through, in this partition and in the others. */
  private isSilenceCounted(now: number): boolean {
    return this.path.isOpen(now) && now - this.others.through <= CANARY_TIMEOUT_MS;
  }

  private get delivered(): boolean {
    return this.turn % 2 === 1;
  }

  private async release(ownership: Ownership): Promise<void> {
    const { newcomers, expiry, beatTimes, announcer, writer, history, requests, table } = ownership;
    newcomers.close();
    history.stop();
    // A request that is being answered may still forget a reader.
    void requests.stop().then(() => void this.surroundings.places.leave(table));
    expiry.stop();
    beatTimes.stop();
    announcer.disown();
    this.surroundings.logger.info({ stream: this.stream }, 'partition released');
    await writer.close({ withReceiveTimes: this.isGivenUp });
  }

  /**
   * Takes the partition over. Without the database there is no epoch and nothing may be published, so this waits for the database. Undefined
   * when deliveries have ended meanwhile. One take-over at a time: an epoch that is taken late would fence the next owner.
   */
  private async own(turn: number, before: Promise<unknown>): Promise<Ownership | undefined> {
    const { clock, logger, shutdown } = this.surroundings;
    const isOwned = (): boolean => turn === this.turn && !shutdown.aborted;
    let hasFailed = false;
    await before;
    await this.releasing;
    while (isOwned()) {
      try {
        const taken = await this.takeOver(isOwned);
        if (turn === this.turn) return (this.ownership = taken);
        if (taken !== undefined) this.releasing = this.release(taken);
      } catch (error) {
        if (!isOwned()) break;
        logger[hasFailed ? 'debug' : 'warn'](
          { err: error, stream: this.stream },
          'take-over of the partition failed; retrying',
        );
        hasFailed = true;
        await wait({ clock, ms: TAKE_OVER_RETRY_MS, signal: shutdown });
      }
    }
    return undefined;
  }

  /** @returns undefined where the partition was lost while its readers were loaded */
  private async takeOver(isOwned: () => boolean): Promise<Ownership | undefined> {
    const { number, stream } = this;
    const { amqp, canaries, clock, config, health, logger, moves, places, repository, transitions, turns } =
      this.surroundings;
    const epoch = await repository.takeEpoch(number, now(clock));
    const table = new ReaderTable(livenessSettings(config), clock.monotonic(), places.places);
    const partition = new ReaderPartition({
      stream,
      epoch,
      table,
      settings: this.shownSettings(),
      listener: {
        committed: (delta) => this.announce(announcer, delta),
        changed: (readers, forgotten, made) => {
          writer.changed(readers, forgotten, made);
          expiry.arm();
        },
        renewed: (reader) => {
          beatTimes.note(reader);
          writer.renewed(reader);
        },
      },
    });
    if (!(await this.restore(table, partition, isOwned))) return undefined;

    const beatTimes = new BeatTimesAnnouncer({ stream, epoch, amqp, clock, logger, turns });
    // A snapshot has the time of each reader's last change, not of its last heartbeat: those are published again after it.
    const announcer = new StreamAnnouncer({
      stream,
      amqp,
      clock,
      logger,
      health,
      onSnapshot: () => void beatTimes.noteAll(table),
    });
    const history = new HistoryBounds({
      repository: transitions,
      entries: config.SIGNALBOX_READER_HISTORY_ENTRIES,
      days: config.SIGNALBOX_READER_HISTORY_DAYS,
      clock,
      logger,
    });
    const writer = new ReaderWriter({
      partition: number,
      epoch,
      repository,
      readers: table,
      onTransitions: (written) => history.noteWritten(written),
      clock,
      logger,
    });
    const probe = (): void => canaries.probe(number);
    const expiry = new ExpiryTimer({ partition, others: this.others, probe, clock, logger });
    const newcomers = new Newcomers({
      number,
      epoch,
      table,
      partition,
      moves,
      onApplied: () => expiry.arm(),
      clock,
      logger,
      turns,
    });
    const forget = new ForgetRequests({ number, epoch, partition, repository, clock, logger });
    const show = new ShowRequests({
      number,
      partition,
      repository,
      transitions,
      isSilenceCounted: () => this.isSilenceCounted(clock.monotonic()),
      clock,
      logger,
    });
    const requests = new PartitionRequests({ number, forget, show, amqp, logger });
    // Heartbeats that waited for the readers too long were dropped, and the number of partitions may have changed meanwhile.
    const since = clock.monotonic();
    partition.resumeReceiving(since);
    announcer.own(partition.owner);
    partition.setSettings(this.shownSettings());
    beatTimes.start();
    history.start();
    logger.info({ stream, epoch, readers: table.size }, 'partition taken over');
    return { epoch, since, newcomers, table, partition, announcer, beatTimes, writer, history, expiry, requests };
  }

  /** @returns false: the partition was lost meanwhile. @throws the error of the database */
  private async restore(table: ReaderTable, partition: ReaderPartition, isOwned: () => boolean): Promise<boolean> {
    const { clock, places, repository } = this.surroundings;
    places.join(table);
    let isComplete = false;
    try {
      isComplete = await restoreReaders(repository.load(this.number, now(clock)), partition, isOwned);
      return isComplete;
    } finally {
      if (!isComplete) void places.leave(table);
    }
  }

  private announce(announcer: StreamAnnouncer, delta: StreamDelta): void {
    announcer.announce(delta).catch((error: unknown) => {
      // The next beacon shows the gateways that they missed the delta, and they request a snapshot.
      this.surroundings.logger.debug({ err: error, seq: delta.seq }, 'delta not confirmed');
    });
  }

  private shownSettings(): ReadersSettings {
    const { config } = this.surroundings;
    return {
      heartbeat_check_interval: config.SIGNALBOX_HEARTBEAT_CHECK_INTERVAL,
      reader_message_timeout_ms: config.SIGNALBOX_READER_MESSAGE_TIMEOUT_MS,
      missed_beats: config.SIGNALBOX_MISSED_BEATS,
      partitions: this.partitioning.streams,
    };
  }
}

const livenessSettings = (config: Config): LivenessSettings => ({
  heartbeatCheckInterval: config.SIGNALBOX_HEARTBEAT_CHECK_INTERVAL,
  missedBeats: config.SIGNALBOX_MISSED_BEATS,
  readerMessageTimeoutMs: config.SIGNALBOX_READER_MESSAGE_TIMEOUT_MS,
  retentionMs: config.SIGNALBOX_READER_RETENTION_SECONDS * 1_000,
});
