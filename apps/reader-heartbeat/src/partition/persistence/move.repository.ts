import { Injectable } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import type { Instant } from '../../liveness/instant.js';
import type { Reader } from '../../liveness/reader.js';
import { STORED_COLUMNS, toReader, type StoredReader } from './reader.mapper.js';

/** Of one statement. */
export const MOST_MOVED = 1_000;
/** Of one page. */
export const MOST_NOTICES = 5_000;

/**
 * The rows of readers, one look into the index after the other (`OFFSET 0`). With `= ANY` Postgres reads the whole table as long as its statistics are those of a
 * smaller one: each look-up then, while many readers are new.
 */
const ofReaders = (ids: string): string =>
  `unnest(${ids}::text[]) AS wanted, LATERAL (SELECT * FROM reader AS one WHERE one.reader_id = wanted OFFSET 0) AS reader`;

/**
 * The row with the last heartbeat becomes one of this partition, unless it has one of its own; further ones are deleted. The owners of the
 * partitions that had them get notices. An owner that was replaced moves nothing.
 */
const MOVE = `
  WITH found AS (
    SELECT
      reader.partition, reader.reader_id,
      row_number() OVER (PARTITION BY reader.reader_id ORDER BY reader.heard_at DESC) = 1
        AND NOT EXISTS (SELECT FROM reader AS own WHERE own.partition = $1 AND own.reader_id = reader.reader_id) AS is_moved
    FROM ${ofReaders('$3')} WHERE reader.partition <> $1
    AND EXISTS (SELECT FROM partition WHERE partition.partition = $1 AND partition.epoch = $2)
  ), moved AS (
    UPDATE reader SET partition = $1, epoch = $2 FROM found
    WHERE reader.partition = found.partition AND reader.reader_id = found.reader_id AND found.is_moved
  ), deleted AS (
    DELETE FROM reader USING found
    WHERE reader.partition = found.partition AND reader.reader_id = found.reader_id AND NOT found.is_moved
  ), back AS (
    DELETE FROM reader_move WHERE partition = $1 AND reader_id = ANY($3::text[])
  )
  INSERT INTO reader_move (partition, reader_id) SELECT partition, reader_id FROM found
  ON CONFLICT (partition, reader_id) DO UPDATE SET number = excluded.number
  RETURNING number`;

const NOTICES = `
  SELECT number, partition, reader_id AS "readerId" FROM reader_move
  WHERE partition = ANY($1::integer[]) AND (partition, reader_id) > ($2::integer, $3::text)
  ORDER BY partition, reader_id LIMIT $4`;

/** By the primary key: there may be one for each reader. A later one about the same reader stays. */
const DELETE_NOTICES = `
  DELETE FROM reader_move
  WHERE partition = ANY($1::integer[]) AND reader_id = ANY($2::text[]) AND number = ANY($3::bigint[])`;

/** A reader of another partition. */
export interface ReaderElsewhere {
  readonly partition: number;
  readonly reader: Reader;
}

/** Says to the owner of a partition that a reader is in another one now. */
export interface MoveNotice {
  readonly number: string;
  readonly partition: number;
  readonly readerId: string;
}

/** Readers on their way from one partition to another. */
@Injectable()
export class MoveRepository {
  constructor(private readonly database: Database) {}

  /** Those of these readers that are in other partitions. */
  elsewhere(partition: number, readerIds: readonly string[], now: Instant): Promise<ReaderElsewhere[]> {
    return this.read(now, `${ofReaders('$1')} WHERE partition <> $2`, [readerIds, partition]);
  }

  /** Some readers of the retired partitions that this one inherits. */
  inherited(partition: number, count: number, now: Instant): Promise<ReaderElsewhere[]> {
    return this.read(now, 'reader WHERE partition >= $1 AND partition % $1 = $2 LIMIT $3', [
      count,
      partition,
      MOST_MOVED,
    ]);
  }

  /** Moves readers to a partition, from all others. @returns how many rows others had */
  async move(partition: number, epoch: number, readerIds: readonly string[]): Promise<number> {
    const notices = await this.database.dataSource.query<unknown[]>(MOVE, [partition, epoch, readerIds]);
    return notices.length;
  }

  /** A page of the notices to these partitions. @param after the last one of the page before */
  async notices(partitions: readonly number[], after?: MoveNotice): Promise<MoveNotice[]> {
    return this.database.dataSource.query<MoveNotice[]>(NOTICES, [
      partitions,
      after?.partition ?? -1,
      after?.readerId ?? '',
      MOST_NOTICES,
    ]);
  }

  async deleteNotices(notices: readonly MoveNotice[]): Promise<void> {
    await this.database.dataSource.query(DELETE_NOTICES, [
      [...new Set(notices.map(({ partition }) => partition))],
      notices.map(({ readerId }) => readerId),
      notices.map(({ number }) => number),
    ]);
  }

  private async read(now: Instant, which: string, parameters: unknown[]): Promise<ReaderElsewhere[]> {
    const rows = await this.database.dataSource.query<StoredReader[]>(
      `SELECT ${STORED_COLUMNS} FROM ${which}`,
      parameters,
    );
    return rows.map((row) => ({ partition: row.partition, reader: toReader(row, now) }));
  }
}
