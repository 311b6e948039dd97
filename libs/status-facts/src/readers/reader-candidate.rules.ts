import type { ReaderEntry } from '@signalbox/contracts/streams';

/** What one partition has of a reader. */
export interface ReaderCandidate {
  readonly partition: number;
  readonly entry: ReaderEntry;
  /** Unix ms at which reader-heartbeat received its last beat. Only grows while the partition has the reader. */
  readonly receivedAt: number;
}

/** Whether `a` is shown and not `b`, of another partition: the later receive time, then the newer entry, then the higher partition. */
export function isLater(a: ReaderCandidate, b: ReaderCandidate): boolean {
  return (a.receivedAt - b.receivedAt || a.entry.received_at - b.entry.received_at || a.partition - b.partition) > 0;
}

/** The one of a reader's candidates that is shown; undefined where there are none. */
export function shownOf<Candidate extends ReaderCandidate>(candidates: readonly Candidate[]): Candidate | undefined {
  let shown: Candidate | undefined;
  for (const candidate of candidates) if (shown === undefined || isLater(candidate, shown)) shown = candidate;
  return shown;
}

/** A time, Unix ms, as `GET /status` shows it: in Unix seconds. Beats within the second that is shown change nothing that anyone sees. */
export const shownSecond = (ms: number): number => Math.floor(ms / 1_000);
