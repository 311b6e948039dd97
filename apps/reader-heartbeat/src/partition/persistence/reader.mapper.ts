import type { Instant } from '../../liveness/instant.js';
import type { Reader } from '../../liveness/reader.js';
import type { ReaderRow } from './reader.entity.js';

/** The reader of a row. Its times are placed on this process's monotonic clock by their age on the wall clock. */
export function toReader(row: ReaderRow, now: Instant): Reader {
  const instant = (date: Date): Instant => {
    const unix = date.getTime();
    return { unix, monotonic: now.monotonic - Math.max(0, now.unix - unix) };
  };
  return {
    readerId: row.readerId,
    profile: row.profile,
    state: row.state,
    since: instant(row.since),
    bootId: row.bootId,
    seq: row.seq === null ? null : Number(row.seq),
    endedBoots: row.endedBoots,
    receivedAt: instant(row.receivedAt),
  };
}
