import { Injectable } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import type { Watermark } from '../heartbeat-path/watermark.rules.js';

/** Only of partitions whose lease the process has. */
const WRITE = `
  INSERT INTO partition_watermark (partition, owner, receiving_since, received_through)
  SELECT mine.partition, $1, to_timestamp(mine.since / 1000), to_timestamp(mine.through / 1000)
  FROM unnest($2::integer[], $3::double precision[], $4::double precision[]) AS mine (partition, since, through)
  JOIN partition_lease AS lease ON lease.partition = mine.partition AND lease.owner = $1
  ON CONFLICT (partition) DO UPDATE
  SET owner = excluded.owner, receiving_since = excluded.receiving_since, received_through = excluded.received_through`;

/** A watermark in the future is of a clock that was set back. */
const READ = `
  SELECT
    extract(epoch FROM clock_timestamp())::double precision * 1000 AS now,
    low.since, low.through
  FROM (SELECT) AS always LEFT JOIN (
    SELECT
      extract(epoch FROM max(receiving_since))::double precision * 1000 AS since,
      extract(epoch FROM min(received_through))::double precision * 1000 AS through
    FROM partition_watermark JOIN partition_lease USING (partition, owner) WHERE partition < $1
    HAVING count(*) = $1 AND max(received_through) <= clock_timestamp()
  ) AS low ON true`;

/** What all partitions together have received. */
export interface LowWatermark {
  /** The clock of the database, Unix ms. */
  readonly now: number;
  /** Unix ms by the same clock; undefined: not known of each partition. */
  readonly low: Watermark | undefined;
}

/** Single statements, as in {@link LeaseRepository}. */
@Injectable()
export class WatermarkRepository {
  constructor(private readonly database: Database) {}

  /** @param watermarks of partitions of this process, Unix ms by the clock of the database */
  async write(process: string, watermarks: ReadonlyMap<number, Watermark>): Promise<void> {
    const own = [...watermarks.values()];
    await this.database.dataSource.query(WRITE, [
      process,
      [...watermarks.keys()],
      own.map(({ since }) => since),
      own.map(({ through }) => through),
    ]);
  }

  /** @param count how many partitions there are */
  async read(count: number): Promise<LowWatermark> {
    const { dataSource } = this.database;
    const [row] = await dataSource.query<{ now: number; since: number | null; through: number | null }[]>(READ, [
      count,
    ]);
    const { now, since, through } = row!;
    return { now, low: since === null || through === null ? undefined : { since, through } };
  }
}
