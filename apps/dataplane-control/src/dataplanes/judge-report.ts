import type { DataplaneReport } from '@signalbox/contracts/messages';

/** What is known of the lives of one dataplane. */
export interface Lives {
  readonly present: string;
  /** The number of the last report of the present life; undefined: none since we started. */
  readonly seq: number | undefined;
  /** Lives that were replaced: nothing they say counts any more. */
  readonly replaced: ReadonlySet<string>;
}

export type Judgement = 'first-life' | 'new-life' | 'newer' | 'old-life' | 'not-newer';

/**
 * What a report means. Lives are never compared by size: a name that was not heard before replaces the present one, for ever. Within
 * a life only what is newer counts.
 */
export function judgeReport(
  lives: Lives | undefined,
  { boot_id, seq }: Pick<DataplaneReport, 'boot_id' | 'seq'>,
): Judgement {
  if (!lives) return 'first-life';
  if (lives.replaced.has(boot_id)) return 'old-life';
  if (boot_id !== lives.present) return 'new-life';
  return lives.seq === undefined || seq > lives.seq ? 'newer' : 'not-newer';
}
