import { readersEntries, type ReaderEntry, type StreamDelta } from '@signalbox/contracts/streams';
import { createLogger, type Clock } from '@signalbox/platform';
import { FakeClock } from '@signalbox/testing';
import { HeartbeatPathWatch } from '../../src/heartbeat-path/heartbeat-path-watch.rules.js';
import { EVERYTHING } from '../../src/heartbeat-path/watermark.rules.js';
import { ReaderPlaces } from '../../src/limits/reader-places.rules.js';
import type { Beat } from '../../src/liveness/beat.js';
import type { LivenessSettings } from '../../src/liveness/lease.rules.js';
import { now } from '../../src/liveness/now.js';
import type { Reader } from '../../src/liveness/reader.js';
import { ReaderTable } from '../../src/liveness/reader-table.rules.js';
import type { Transition } from '../../src/liveness/transition.js';
import { ExpiryTimer } from '../../src/partition/expiry-timer.js';
import type { ReaderRow } from '../../src/partition/persistence/reader.entity.js';
import { toReader } from '../../src/partition/persistence/reader.mapper.js';
import { ReaderPartition } from '../../src/partition/reader-partition.js';

const logger = createLogger({ name: 'engine', level: 'silent' });

export interface EngineOptions {
  readonly settings: LivenessSettings;
  readonly places: number;
  readonly clock: Clock;
  /** Sends a canary, which returns to {@link Engine.canaryReturned}. */
  readonly sendCanary: () => void;
  readonly stored: readonly Reader[];
}

/** The rules under test, put together as in `PartitionKeeper`, of one owner of a partition. */
export class Engine {
  readonly table: ReaderTable;
  readonly partition: ReaderPartition;
  /** What a replica that applies every delta has. */
  readonly published = new Map<string, unknown>();
  transitions: Transition[] = [];
  /** Since they were taken last. */
  private changed: string[] = [];
  private renewed: string[] = [];
  private refused: string[] = [];
  private readonly path = new HeartbeatPathWatch();
  private readonly expiry: ExpiryTimer;
  private readonly clock: Clock;

  constructor({ settings, places, clock, sendCanary, stored }: EngineOptions) {
    this.clock = clock;
    this.table = new ReaderTable(settings, clock.monotonic(), new ReaderPlaces({ all: places, perKey: places }));
    this.partition = new ReaderPartition({
      stream: 'readers.0',
      epoch: 1,
      table: this.table,
      settings: { heartbeat_check_interval: 1, reader_message_timeout_ms: 0, missed_beats: 1, partitions: 1 },
      listener: {
        committed: (delta) => this.publish(delta),
        changed: (readers, _forgotten, transitions) => {
          for (const { readerId } of readers) this.changed.push(readerId);
          this.transitions.push(...transitions);
          this.expiry.arm();
        },
        renewed: ({ readerId }) => void this.renewed.push(readerId),
      },
    });
    this.partition.restore(stored);
    for (const [key, value] of this.partition.owner.entries()) this.published.set(key, value);
    this.expiry = new ExpiryTimer({ partition: this.partition, others: EVERYTHING, probe: sendCanary, clock, logger });
  }

  record(beats: readonly Beat[]): void {
    this.path.arrived(this.clock.monotonic());
    const received = this.path.receivedAt(this.clock.monotonic());
    const { unix, monotonic } = now(this.clock);
    const at = { monotonic: received, unix: unix - Math.round(monotonic - received) };
    for (const { beat } of this.partition.record(beats, at)) this.refused.push(beat.readerId);
  }

  canaryReturned(sentAt: number, alone: boolean): void {
    const at = this.clock.monotonic();
    if (alone) return this.path.canaryReturnedAlone(sentAt, at);
    if (this.path.canaryReturned(sentAt, at) === 'opened') this.expiry.pathOpened();
    if (this.path.isConclusive(sentAt, at)) this.expiry.receivedUpTo(sentAt);
  }

  /** Removes a dead reader. */
  remove(readerId: string): void {
    const reader = this.partition.shown(readerId);
    if (reader?.state !== 'dead') return;
    this.transitions.push(this.partition.forgetting(reader, now(this.clock)));
    this.partition.forget(reader);
  }

  /** What happened to readers since the last call. */
  takeEffects(): { changed: string[]; renewed: string[]; refused: string[] } {
    const { changed, renewed, refused } = this;
    [this.changed, this.renewed, this.refused] = [[], [], []];
    return { changed, renewed, refused };
  }

  /** What the database has of the readers, when all is written. */
  stored(): ReaderRow[] {
    return Array.from(this.table.all(), toRow);
  }

  stop(): void {
    this.expiry.stop();
  }

  shown(readerId: string): ReaderEntry | undefined {
    return this.published.get(readersEntries.reader.key(readerId)) as ReaderEntry | undefined;
  }

  private publish({ changes }: StreamDelta): void {
    for (const { key, value } of changes)
      if (value === null) this.published.delete(key);
      else this.published.set(key, value);
  }
}

/** A copy, as a row of the table `reader` is. */
const toRow = (reader: Reader): ReaderRow => ({
  partition: 0,
  epoch: '1',
  readerId: reader.readerId,
  state: reader.state,
  since: new Date(reader.since.unix),
  bootId: reader.bootId,
  seq: reader.seq === null ? null : String(reader.seq),
  endedBoots: [...reader.endedBoots],
  changes: reader.changes.map(({ unix }) => unix),
  flappingSince: reader.flappingSince && new Date(reader.flappingSince.unix),
  profile: structuredClone(reader.profile),
  receivedAt: new Date(reader.receivedAt.unix),
});

/** The readers of a later owner. */
export const loaded = (rows: readonly ReaderRow[], clock: FakeClock): Reader[] =>
  rows.map((row) => toReader(Object.assign({}, row, { digest: null }), now(clock)));
