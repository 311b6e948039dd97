import type { DataplaneReport } from '@signalbox/contracts/messages';

/** What is known of the incarnations of one dataplane. */
export interface Incarnations {
  readonly present: string;
  /** The number of the last report of the present one; undefined: none since this process started. */
  readonly seq: number | undefined;
  /** Those that were replaced: their reports are ignored from then on. */
  readonly replaced: ReadonlySet<string>;
}

export type Judgement = 'first' | 'next' | 'newer' | 'replaced' | 'not-newer';

/**
 * What a report means. Boot ids are never compared by size: one that is not known replaces the present one, for ever. Within an
 * incarnation only a greater `seq` counts.
 */
export function judgeReport(
  known: Incarnations | undefined,
  { boot_id, seq }: Pick<DataplaneReport, 'boot_id' | 'seq'>,
): Judgement {
  if (!known) return 'first';
  if (known.replaced.has(boot_id)) return 'replaced';
  if (boot_id !== known.present) return 'next';
  return known.seq === undefined || seq > known.seq ? 'newer' : 'not-newer';
}
