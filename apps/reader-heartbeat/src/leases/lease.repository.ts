import { Injectable } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import type { Ownership } from './share.rules.js';

/** How long a lease holds without a renewal: how long a partition stays without an owner after its process was killed, at least. */
export const LEASE_MS = 3_000;

const UNTIL = `clock_timestamp() + interval '${LEASE_MS} milliseconds'`;

const CONFIGURE = `
  INSERT INTO partitioning (count) VALUES ($1)
  ON CONFLICT (is_only) DO UPDATE SET count = excluded.count WHERE partitioning.count <> excluded.count
  RETURNING count`;

/** A process that was not seen for the time of a lease does not run. */
const RENEW = `
  WITH seen AS (
    INSERT INTO heartbeat_process (id, started_at, seen_at) VALUES ($1, clock_timestamp(), clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
  ), ended AS (
    DELETE FROM heartbeat_process WHERE id <> $1 AND seen_at < clock_timestamp() - interval '${LEASE_MS} milliseconds'
  )
  UPDATE partition_lease SET lease_until = ${UNTIL} WHERE owner = $1`;

const READ = `
  SELECT
    (SELECT count FROM partitioning) AS count,
    (SELECT coalesce(json_agg(id ORDER BY started_at, id), '[]') FROM heartbeat_process) AS processes,
    (
      SELECT coalesce(
        json_agg(
          json_build_object(
            'partition', partition, 'owner', owner, 'isValid', coalesce(lease_until >= clock_timestamp(), false)
          ) ORDER BY partition
        ), '[]')
      FROM partition_lease
    ) AS leases`;

/** Of two processes that take the same at once, one gets it. */
const TAKE = `
  INSERT INTO partition_lease (partition, owner, lease_until) SELECT wanted, $1, ${UNTIL} FROM unnest($2::integer[]) AS wanted
  ON CONFLICT (partition) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until
  WHERE partition_lease.owner IS NULL OR partition_lease.owner = $1 OR partition_lease.lease_until < clock_timestamp()
  RETURNING partition`;

const GIVE_BACK =
  'UPDATE partition_lease SET owner = NULL, lease_until = NULL WHERE owner = $1 AND partition = ANY($2::integer[])';

/** Those whose readers others have taken over, with the notices that no process reads any more. */
const END_RETIRED = `
  WITH ended AS (
    DELETE FROM partition_lease WHERE partition >= $1 AND (owner IS NULL OR lease_until < clock_timestamp())
    AND NOT EXISTS (SELECT FROM reader WHERE reader.partition = partition_lease.partition)
    RETURNING partition
  )
  DELETE FROM reader_move USING ended WHERE reader_move.partition = ended.partition`;

const LEAVE = `
  WITH ended AS (DELETE FROM heartbeat_process WHERE id = $1)
  UPDATE partition_lease SET owner = NULL, lease_until = NULL WHERE owner = $1`;

/**
 * Single statements only: a process that is paused within one holds up no other. Those of the leases have a connection of their own: a renewal that waits
 * for the statements that load or move readers comes too late, and the partitions change hands for nothing.
 */
@Injectable()
export class LeaseRepository {
  constructor(private readonly database: Database) {}

  /** The number of partitions that is in force from now on. @returns whether it was another one before */
  async configure(count: number): Promise<boolean> {
    const rows = await this.database.dataSource.query<unknown[]>(CONFIGURE, [count]);
    return rows.length > 0;
  }

  /** Says that the process runs, and renews its leases. */
  async renew(process: string): Promise<Ownership> {
    const { reserved } = this.database;
    await reserved.query(RENEW, [process]);
    const [row] = await reserved.query<Ownership>(READ);
    return row!;
  }

  /** @returns those that the process has */
  async take(process: string, partitions: readonly number[]): Promise<number[]> {
    const rows = await this.database.reserved.query<{ partition: number }>(TAKE, [process, partitions]);
    return rows.map(({ partition }) => partition);
  }

  async giveBack(process: string, partitions: readonly number[]): Promise<void> {
    await this.database.reserved.query(GIVE_BACK, [process, partitions]);
  }

  /** Ends the retired partitions that have neither an owner nor readers. @param count how many partitions there are */
  async endRetired(count: number): Promise<void> {
    await this.database.dataSource.query(END_RETIRED, [count]);
  }

  /** The process ends, and has no partition any more. */
  async leave(process: string): Promise<void> {
    await this.database.reserved.query(LEAVE, [process]);
  }
}
