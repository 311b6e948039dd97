import type { Query } from '../postgres/query.js';

const TAKE = `
  INSERT INTO stream (name, epoch, seq) VALUES ($1, $2::bigint, 0)
  ON CONFLICT (name) DO UPDATE SET epoch = greatest(stream.epoch + 1, excluded.epoch)
  RETURNING epoch, seq`;

/**
 * Begins a new epoch of a stream: higher than every one before and not below `nowMs` (Unix ms), so that neither two owners at
 * once nor a database restored from a backup can use one again. Locks the stream's row until the transaction ends.
 */
export async function takeEpoch(
  query: Query,
  { stream, nowMs }: { readonly stream: string; readonly nowMs: number },
): Promise<{ epoch: number; seq: number }> {
  const [row] = await query<{ epoch: string; seq: string }>(TAKE, [stream, Math.trunc(nowMs)]);
  if (row === undefined) throw new Error(`no epoch was returned for the stream "${stream}"`);
  return { epoch: Number(row.epoch), seq: Number(row.seq) };
}
