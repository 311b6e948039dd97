import type { ReaderEntry } from '@signalbox/contracts/streams';

/** A reader as a body is to show it. */
export interface ShownReader {
  entry: ReaderEntry;
  /** Unix seconds at which its last heartbeat was received. */
  second: number;
}
