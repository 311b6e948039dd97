import type { Query } from '../postgres/query.js';

const TAKE = `
  INSERT INTO stream (name, epoch, seq) VALUES ($1, $2::bigint, 0)
  ON CONFLICT (name) DO UPDATE SET epoch = greatest(stream.epoch + 1, excluded.epoch)
  RETURNING epoch, seq`;

/** An epoch may be so much ahead of the clock: replicas ignore one that is a day ahead, and their clocks may be behind. */
const MAX_LEAD_MS = 43_200_000;

/**
 * A stored epoch lies so far ahead that nobody would follow its successor. It was taken while a clock was wrong.
 * @throws Error saying what to do
 */
export function refuseEpochAhead(stream: string, epoch: number, nowMs: number): void {
  if (epoch <= nowMs + MAX_LEAD_MS) return;
  const date = (ms: number): string => (ms <= 8.64e15 ? new Date(ms).toISOString() : String(ms));
  throw new Error(
    `the epoch of the stream "${stream}" would be ${date(epoch)}, and this clock shows ${date(nowMs)}: correct the clock, or set the stored epoch below the present time and restart every process that follows the stream`,
  );
}

/**
 * Begins a new epoch of a stream. It is higher than every earlier epoch and not below `nowMs` (Unix ms), so that no epoch is used
 * twice: not by two owners at once and not after the database was restored from a backup. Locks the row of the stream until the
 * transaction ends.
 * @throws Error where that is more than half a day after `nowMs`
 */
export async function takeEpoch(
  query: Query,
  { stream, nowMs }: { readonly stream: string; readonly nowMs: number },
): Promise<{ epoch: number; seq: number }> {
  const [row] = await query<{ epoch: string; seq: string }>(TAKE, [stream, Math.trunc(nowMs)]);
  if (row === undefined) throw new Error(`no epoch was returned for the stream "${stream}"`);
  const epoch = Number(row.epoch);
  refuseEpochAhead(stream, epoch, nowMs);
  return { epoch, seq: Number(row.seq) };
}
