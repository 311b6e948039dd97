import type { Instant } from '../../liveness/instant.js';
import type { Reader } from '../../liveness/reader.js';
import { noBeats } from '../../liveness/recent-beats.rules.js';
import type { ReaderRow } from './reader.entity.js';

/**
 * Of the table `reader`, by the names of {@link StoredReader}. Not as entities of TypeORM, which take several times as long: the event loop waits while a
 * thousand rows are read.
 */
export const STORED_COLUMNS = `
  reader.partition, reader.reader_id AS "readerId", reader.state, reader.since, reader.boot_id AS "bootId", reader.seq,
  reader.ended_boots AS "endedBoots", reader.profile, reader.heard_at AS "receivedAt", reader.changes,
  reader.flapping_since AS "flappingSince", (
    SELECT config.digest FROM reader_config AS config
    WHERE config.partition = reader.partition AND config.reader_id = reader.reader_id
  ) AS digest`;

export interface StoredReader extends Omit<ReaderRow, 'epoch'> {
  /** Of the stored configuration; null: there is none. */
  readonly digest: string | null;
}

/** The reader of a row. Its times are placed on this process's monotonic clock by their age on the wall clock. */
export function toReader(row: StoredReader, now: Instant): Reader {
  const instantOf = (unix: number): Instant => ({ unix, monotonic: now.monotonic - Math.max(0, now.unix - unix) });
  const instant = (date: Date): Instant => instantOf(date.getTime());
  return {
    readerId: row.readerId,
    // The previous release stores no backend.
    profile: { ...row.profile, backend: row.profile.backend ?? null },
    state: row.state,
    since: instant(row.since),
    bootId: row.bootId,
    seq: row.seq === null ? null : Number(row.seq),
    endedBoots: row.endedBoots,
    changes: row.changes.map(instantOf),
    flappingSince: row.flappingSince && instant(row.flappingSince),
    receivedAt: instant(row.receivedAt),
    recent: noBeats(),
    configDigest: row.digest,
    unstoredConfig: undefined,
    queuedAt: NaN,
    tick: 0,
  };
}
