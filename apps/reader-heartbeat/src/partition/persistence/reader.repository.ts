import { Injectable } from '@nestjs/common';
import { Database, refuseEpochAhead } from '@signalbox/persistence';
import type { Instant } from '../../liveness/instant.js';
import type { Reader } from '../../liveness/reader.js';
import { ReaderRow } from './reader.entity.js';
import { toReader } from './reader.mapper.js';

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

const FORGET = `
  DELETE FROM reader WHERE partition = $1 AND epoch <= $2 AND reader_id = ANY($3::text[])
  AND EXISTS (SELECT FROM partition WHERE partition.partition = $1 AND partition.epoch = $2)`;

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

  async load(partition: number, now: Instant): Promise<Reader[]> {
    const rows = await this.database.dataSource.getRepository(ReaderRow).findBy({ partition });
    return rows.map((row) => toReader(row, now));
  }

  async save(partition: number, epoch: number, readers: readonly Reader[]): Promise<void> {
    await this.database.dataSource.query(SAVE, [
      partition,
      epoch,
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
    ]);
  }

  async forget(partition: number, epoch: number, readerIds: readonly string[]): Promise<void> {
    await this.database.dataSource.query(FORGET, [partition, epoch, readerIds]);
  }
}
