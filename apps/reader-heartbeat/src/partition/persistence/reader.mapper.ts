import type { Instant } from '../../liveness/instant.js';
import type { Reader } from '../../liveness/reader.js';
import type { ReaderRow } from './reader.entity.js';

/** The reader of a row. Its times are placed on this process's monotonic clock by their age on the wall clock. */
export function toReader(row: ReaderRow, now: Instant): Reader {
  const instantOf = (unix: number): Instant => ({ unix, monotonic: now.monotonic - Math.max(0, now.unix - unix) });
  const instant = (date: Date): Instant => instantOf(date.getTime());
  return {
    readerId: row.readerId,
    profile: row.profile,
    state: row.state,
    since: instant(row.since),
    bootId: row.bootId,
    seq: row.seq === null ? null : Number(row.seq),
    endedBoots: row.endedBoots,
    changes: row.changes.map(instantOf),
    flappingSince: row.flappingSince && instant(row.flappingSince),
    receivedAt: instant(row.receivedAt),
  };
}
