import type { OutgoingChange } from '../work/follower.js';
import { MAX_CHANGE_BYTES, PublishRefused } from '../work/publish-refused.js';
import { BATCH } from './protocol.js';

/** Changes as they are sent to the process that publishes. */
export interface Packed {
  readonly keys: string[];
  readonly ids: string[];
  readonly lengths: number[];
  readonly bytes: Buffer;
}

/**
 * Splits changes into packs of a bounded size, in order; a large change has a pack of its own. One pack without changes for none.
 * @throws PublishRefused where a change is too large to be published
 */
export function packChanges(changes: readonly OutgoingChange[]): Packed[] {
  const packs: Packed[] = [];
  let start = 0;
  let size = 0;
  let lengths: number[] = [];
  const end = (to: number): void => {
    packs.push(packOf(changes.slice(start, to), lengths, size));
    start = to;
    size = 0;
    lengths = [];
  };
  changes.forEach(({ body }, index) => {
    const length = Buffer.byteLength(body);
    if (length > MAX_CHANGE_BYTES) throw new PublishRefused('too_large');
    if (lengths.length > 0 && (size + length > BATCH.bytes || lengths.length === BATCH.changes)) end(index);
    lengths.push(length);
    size += length;
  });
  if (lengths.length > 0 || packs.length === 0) end(changes.length);
  return packs;
}

function packOf(changes: readonly OutgoingChange[], lengths: number[], size: number): Packed {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { body } of changes) at += bytes.write(body, at);
  return { keys: changes.map(({ key }) => key), ids: changes.map(({ id }) => id), lengths, bytes };
}
