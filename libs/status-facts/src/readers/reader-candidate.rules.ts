import type { ReaderEntry } from '@signalbox/contracts/streams';

/** What one partition has of a reader. */
export interface ReaderCandidate {
  readonly partition: number;
  readonly entry: ReaderEntry;
  /** Unix ms at which reader-heartbeat received its last beat. Only grows while the partition has the reader. */
  readonly receivedAt: number;
}

/** The candidate that was shown of a reader, and was removed by its partition: deregistered or forgotten. */
export interface EndedCandidate {
  readonly receivedAt: number;
  readonly bootId: string | null;
}

/** Whether `a` is shown and not `b`, of another partition: the later receive time, then the newer entry, then the higher partition. */
export function isLater(a: ReaderCandidate, b: ReaderCandidate): boolean {
  return (a.receivedAt - b.receivedAt || a.entry.received_at - b.entry.received_at || a.partition - b.partition) > 0;
}

/**
 * Whether a candidate is of before the end of its reader in another partition. The partition that it left has it until it is forgotten
 * there, first as live and then as dead, and it is neither. Another incarnation is shown as long as it is not dead.
 */
export const isOutdated = ({ entry, receivedAt }: ReaderCandidate, ended: EndedCandidate | undefined): boolean =>
  ended !== undefined && receivedAt <= ended.receivedAt && (entry.state === 'dead' || entry.boot_id === ended.bootId);

/** The end of a candidate that was shown. @param before the end of another one earlier */
export const endOf = ({ entry, receivedAt }: ReaderCandidate, before: EndedCandidate | undefined): EndedCandidate => ({
  receivedAt: Math.max(receivedAt, before?.receivedAt ?? 0),
  bootId: entry.boot_id,
});

/** The one of a reader's candidates that is shown; undefined: none. */
export function shownOf<Candidate extends ReaderCandidate>(
  candidates: readonly Candidate[],
  ended: EndedCandidate | undefined,
): Candidate | undefined {
  let shown: Candidate | undefined;
  for (const candidate of candidates)
    if (!isOutdated(candidate, ended) && (shown === undefined || isLater(candidate, shown))) shown = candidate;
  return shown;
}

/** Beats within the second that is shown change nothing that anyone sees. */
export const shownSecond = (ms: number): number => Math.floor(ms / 1_000);
