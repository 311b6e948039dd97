import type { Instant } from '../../liveness/instant.js';
import type { Reader } from '../../liveness/reader.js';
import type { ReaderRow } from './reader.entity.js';

/** The row's reader, its last sign of life put on this process's monotonic clock by the wall clock's distance. */
export function toReader(row: ReaderRow, now: Instant): Reader {
  const heard = row.heardAt.getTime();
  return {
    readerId: row.readerId,
    profile: row.profile,
    state: row.state,
    since: row.since.getTime(),
    bootId: row.bootId,
    seq: row.seq === null ? null : Number(row.seq),
    endedBoots: row.endedBoots,
    heard: { unix: heard, monotonic: now.monotonic - Math.max(0, now.unix - heard) },
  };
}
