import type { Frame } from '@signalbox/sandbox';
import { Misbehaved } from '../publishing/unpack.rules.js';
import { fromWorker, MAX_REPORT_BYTES, type FromWorker } from '../worker/protocol.js';

/** Of the place of a problem; names in it may be the worker's. */
const PLACE_CHARS = 100;

/**
 * What a worker sent. Sizes are looked at before anything else, and of what is wrong only a little is reported: both may be as large as a frame.
 * @throws Misbehaved
 */
export function readMessage({ message, messageBytes }: Omit<Frame, 'bytes'>): FromWorker {
  const { type } = (message ?? {}) as { type?: unknown };
  if (type !== 'batch' && messageBytes > MAX_REPORT_BYTES)
    throw new Misbehaved(`a message that is no batch has ${messageBytes} bytes`);
  const { data, error } = fromWorker.safeParse(message);
  if (!error) return data;
  const place = (error.issues[0]?.path ?? []).slice(0, 5).join('.').slice(0, PLACE_CHARS);
  throw new Misbehaved(`a message has ${error.issues.length} problems, the first at \`${place}\``);
}
