import type { Query } from '../postgres/query.js';

const TAKE = `
  INSERT INTO stream (name, epoch, seq) VALUES ($1, $2::bigint, 0)
  ON CONFLICT (name) DO UPDATE SET epoch = greatest(stream.epoch + 1, excluded.epoch)
  RETURNING epoch, seq`;

/**
 * Begins a new epoch of a stream. It is higher than every earlier epoch and not below `nowMs` (Unix ms), so that no epoch is used
 * twice: not by two owners at once and not after the database was restored from a backup. Locks the row of the stream until the
 * transaction ends.
 */
export async function takeEpoch(
  query: Query,
  { stream, nowMs }: { readonly stream: string; readonly nowMs: number },
): Promise<{ epoch: number; seq: number }> {
  const [row] = await query<{ epoch: string; seq: string }>(TAKE, [stream, Math.trunc(nowMs)]);
  if (row === undefined) throw new Error(`no epoch was returned for the stream "${stream}"`);
  return { epoch: Number(row.epoch), seq: Number(row.seq) };
}
