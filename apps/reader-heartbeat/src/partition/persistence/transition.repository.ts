import { Injectable } from '@nestjs/common';
import type { ReaderTransition } from '@signalbox/contracts/messages';
import { Database } from '@signalbox/persistence';
import type { ReaderState } from '../../liveness/reader.js';
import { TransitionRow } from './transition.entity.js';

/** Of each of these readers what is older than its newest `$2` steps. */
const DELETE_SURPLUS = `
  DELETE FROM reader_transition AS step
  USING unnest($1::text[]) AS wanted (reader_id), LATERAL (
    SELECT position FROM reader_transition AS other
    WHERE other.reader_id = wanted.reader_id
    ORDER BY position DESC OFFSET $2 LIMIT 1
  ) AS surplus
  WHERE step.reader_id = wanted.reader_id AND step.position <= surplus.position`;

/** The newest steps are kept of all readers, as far as they are not too old. */
const CUTOFF = `
  SELECT greatest($1::timestamptz, (SELECT at FROM reader_transition ORDER BY at DESC OFFSET $2 LIMIT 1)) AS at`;

const DELETE_OLD = `
  DELETE FROM reader_transition WHERE ctid IN (SELECT ctid FROM reader_transition WHERE at <= $1 LIMIT $2)`;

/** The history of readers. */
@Injectable()
export class TransitionRepository {
  constructor(private readonly database: Database) {}

  /** The newest first. */
  async latest(readerId: string, most: number): Promise<ReaderTransition[]> {
    const rows = await this.database.dataSource
      .getRepository(TransitionRow)
      .find({ where: { readerId }, order: { position: 'DESC' }, take: most });
    return rows.map(({ at, from, to, why, bootId, silentMs }) => ({
      at: at.getTime(),
      from: shown(from),
      to: shown(to),
      why,
      boot_id: bootId,
      silent_ms: silentMs === null ? null : Number(silentMs),
    }));
  }

  /** Deletes what each of the readers has beyond its newest steps. */
  async deleteSurplus(readerIds: readonly string[], kept: number): Promise<void> {
    await this.database.dataSource.query(DELETE_SURPLUS, [readerIds, kept]);
  }

  /** The time of the newest step that is too old, or beyond the number that is kept in all. @param before of those that are too old */
  async cutoff(before: Date, mostInAll: number): Promise<Date> {
    const [row] = await this.database.dataSource.query<{ at: Date }[]>(CUTOFF, [before, mostInAll]);
    return row!.at;
  }

  /** Deletes some of the steps until that time. @returns how many */
  async deleteUntil(time: Date, most: number): Promise<number> {
    const [, deleted] = await this.database.dataSource.query<[unknown, number]>(DELETE_OLD, [time, most]);
    return deleted;
  }
}

const shown = (state: ReaderState | null): ReaderTransition['to'] => (state === 'gone' ? 'deregistered' : state);
