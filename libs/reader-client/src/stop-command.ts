import { readerStop } from '@signalbox/contracts/messages';
import type { StopCommand } from './reader-options.js';

/** Undefined: not a command to stop for an incarnation that has a name. */
export function stopCommandOf(content: Buffer): StopCommand | undefined {
  let body: unknown;
  try {
    body = JSON.parse(content.toString());
  } catch {
    return undefined;
  }
  const { data } = readerStop.safeParse(body);
  if (data === undefined || data.boot_id === null) return undefined;
  return { ...data, boot_id: data.boot_id };
}
