import { Injectable } from '@nestjs/common';
import { Database, refuseEpochAhead } from '@signalbox/persistence';
import type { Instant } from '../../liveness/instant.js';
import type { Reader } from '../../liveness/reader.js';
import type { Transition } from '../../liveness/transition.js';
import { ReaderConfigRow } from './reader-config.entity.js';
import { STORED_COLUMNS, toReader, type StoredReader } from './reader.mapper.js';
import { insertTransitions, transitionColumns } from './transition.rows.js';

/** A page takes some ms of the event loop, with what its readers are put into. */
const READERS_PER_PAGE = 1_000;

const LOAD = `
  SELECT ${STORED_COLUMNS} FROM reader
  WHERE reader.partition = $1 AND reader.reader_id > $2
  ORDER BY reader.reader_id LIMIT $3`;

/** Larger than each earlier epoch, also in a database that was restored from an earlier copy. */
const TAKE_EPOCH = `
  INSERT INTO partition (partition, epoch) VALUES ($1, $2)
  ON CONFLICT (partition) DO UPDATE SET epoch = greatest(partition.epoch + 1, excluded.epoch)
  RETURNING epoch`;

const SAVE = `
  INSERT INTO reader (
    partition, epoch, reader_id, state, since, boot_id, seq, ended_boots, profile, heard_at, changes, flapping_since
  )
  SELECT $1, $2, beat.* FROM unnest(
    $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::bigint[], $8::jsonb[], $9::jsonb[], $10::timestamptz[],
    $11::jsonb[], $12::timestamptz[]
  ) AS beat
  WHERE EXISTS (SELECT FROM partition WHERE partition.partition = $1 AND partition.epoch = $2)
  ON CONFLICT (partition, reader_id) DO UPDATE SET
    epoch = excluded.epoch, state = excluded.state, since = excluded.since, boot_id = excluded.boot_id,
    seq = excluded.seq, ended_boots = excluded.ended_boots, profile = excluded.profile, heard_at = excluded.heard_at,
    changes = excluded.changes, flapping_since = excluded.flapping_since
  WHERE reader.epoch <= excluded.epoch`;

/** With the epoch: from then on no earlier owner writes the row. */
const RENEW = `
  UPDATE reader SET epoch = $2, seq = beat.seq, heard_at = beat.heard_at
  FROM unnest($3::text[], $4::bigint[], $5::timestamptz[]) AS beat (reader_id, seq, heard_at)
  WHERE reader.partition = $1 AND reader.reader_id = beat.reader_id AND reader.epoch <= $2
  AND EXISTS (SELECT FROM partition WHERE partition.partition = $1 AND partition.epoch = $2)`;

const FORGET = (ids: string): string => `
  DELETE FROM reader WHERE partition = $1 AND epoch <= $2 AND reader_id = ANY(${ids}::text[])
  AND EXISTS (SELECT FROM partition WHERE partition.partition = $1 AND partition.epoch = $2)`;

/** All at once, and in one round trip: what is not written is lost with this process. */
const WRITE = `WITH saved AS (${SAVE}), forgotten AS (${FORGET('$13')}) ${insertTransitions(14)}`;

const SAVE_CONFIGS = `
  INSERT INTO reader_config (partition, reader_id, digest, config)
  SELECT $1, sent.* FROM unnest($3::text[], $4::text[], $5::json[]) AS sent
  WHERE EXISTS (SELECT FROM partition WHERE partition.partition = $1 AND partition.epoch = $2)
  ON CONFLICT (partition, reader_id) DO UPDATE SET digest = excluded.digest, config = excluded.config`;

const DELETE_CONFIGS = `
  DELETE FROM reader_config WHERE partition = $1 AND reader_id = ANY($3::text[])
  AND EXISTS (SELECT FROM partition WHERE partition.partition = $1 AND partition.epoch = $2)`;

/** What is written of readers in one statement: the caller bounds it. */
export interface ReaderChanges {
  readonly readers: readonly Reader[];
  /** Ids of readers that are no longer known. */
  readonly forgotten: readonly string[];
  readonly transitions: readonly Transition[];
}

/** A configuration to be stored. */
export interface UnstoredConfig {
  readonly readerId: string;
  readonly digest: string;
  /** JSON text; null: there is none any more. */
  readonly json: string | null;
}

@Injectable()
export class ReaderRepository {
  constructor(private readonly database: Database) {}

  /** Makes the caller the owner of the partition: later writes of an earlier owner have no effect. */
  async takeEpoch(partition: number, now: Instant): Promise<number> {
    const [row] = await this.database.dataSource.query<{ epoch: string }[]>(TAKE_EPOCH, [partition, now.unix]);
    const epoch = Number(row!.epoch);
    refuseEpochAhead(`readers.${partition}`, epoch, now.unix);
    return epoch;
  }

  /** The readers of a partition, page by page: those of hundreds of thousands of readers must keep neither the event loop nor the leases waiting. */
  async *load(partition: number, now: Instant): AsyncGenerator<Reader[]> {
    for (let after = ''; ;) {
      const rows = await this.database.dataSource.query<StoredReader[]>(LOAD, [partition, after, READERS_PER_PAGE]);
      yield rows.map((row) => toReader(row, now));
      if (rows.length < READERS_PER_PAGE) return;
      after = rows.at(-1)!.readerId;
    }
  }

  /** What is written belongs together: all of it or nothing. */
  async write(partition: number, epoch: number, { readers, forgotten, transitions }: ReaderChanges): Promise<void> {
    const columns = [...readerColumns(readers), forgotten, ...transitionColumns(transitions)];
    await this.database.dataSource.query(WRITE, [partition, epoch, ...columns]);
  }

  /**
   * Writes the receive times of readers whose rows are there, and the seq of their last heartbeats. The caller bounds their number.
   * @returns how many; none by an owner that was replaced
   */
  async renew(partition: number, epoch: number, readers: readonly Reader[]): Promise<number> {
    const [, written] = await this.database.dataSource.query<[unknown, number]>(RENEW, [
      partition,
      epoch,
      readers.map(({ readerId }) => readerId),
      readers.map(({ seq }) => seq),
      readers.map(({ receivedAt }) => new Date(receivedAt.unix)),
    ]);
    return written;
  }

  /** Of readers that are saved. */
  async saveConfigs(partition: number, epoch: number, configs: readonly UnstoredConfig[]): Promise<void> {
    const { dataSource } = this.database;
    const there = configs.filter(({ json }) => json !== null);
    const gone = configs.filter(({ json }) => json === null).map(({ readerId }) => readerId);
    if (there.length > 0)
      await dataSource.query(SAVE_CONFIGS, [
        partition,
        epoch,
        there.map(({ readerId }) => readerId),
        there.map(({ digest }) => digest),
        there.map(({ json }) => json),
      ]);
    if (gone.length > 0) await dataSource.query(DELETE_CONFIGS, [partition, epoch, gone]);
  }

  /** The stored configuration of a reader; null: it has none. */
  async configOf(partition: number, readerId: string): Promise<Record<string, unknown> | null> {
    const row = await this.database.dataSource.getRepository(ReaderConfigRow).findOneBy({ partition, readerId });
    return row?.config ?? null;
  }
}

/** In the order of the parameters of `SAVE`, from the third on. */
const readerColumns = (readers: readonly Reader[]): unknown[][] => [
  readers.map((reader) => reader.readerId),
  readers.map((reader) => reader.state),
  readers.map((reader) => new Date(reader.since.unix)),
  readers.map((reader) => reader.bootId),
  readers.map((reader) => reader.seq),
  readers.map((reader) => JSON.stringify(reader.endedBoots)),
  readers.map((reader) => JSON.stringify(reader.profile)),
  readers.map((reader) => new Date(reader.receivedAt.unix)),
  readers.map((reader) => JSON.stringify(reader.changes.map(({ unix }) => unix))),
  readers.map((reader) => reader.flappingSince && new Date(reader.flappingSince.unix)),
];
