import type { KeyMode } from '@signalbox/contracts/http';
import { UNVERIFIED } from '../standing/standing.rules.js';
import { standingColumns } from '../standing/standing-columns.js';
import type { DatasourceRow } from '../store/datasource.row.js';

const CHARACTERS = '0123456789abcdefghijklmnopqrstuvwxyz';
const SUFFIX_LENGTH = 24;

/** @param randomByte each call returns one, 0 to 255 */
export function newSuffix(randomByte: () => number): string {
  let suffix = '';
  while (suffix.length < SUFFIX_LENGTH) {
    const byte = randomByte();
    // 252 is the largest multiple of 36: all characters are equally likely.
    if (byte < 252) suffix += CHARACTERS[byte % 36];
  }
  return suffix;
}

/** The id of an endpoint does not show its mode. */
export const idOf = ({ connection, mode }: Pick<DatasourceRow, 'connection' | 'mode'>, suffix: string): string =>
  `${connection === 'endpoint' ? 'dse' : { live: 'ds', test: 'ds_test' }[mode]}_${suffix}`;

export const slotOf = (suffix: string): string => `signalbox_${suffix}`;

export interface NewRow extends Pick<
  DatasourceRow,
  'id' | 'account' | 'connection' | 'identity' | 'settings' | 'sealed' | 'metadata'
> {
  readonly mode: KeyMode;
  readonly now: Date;
  /** The process that is to work on it; null: any. */
  readonly holder: string | null;
}

/** A datasource that was registered now: nothing of it is proven, and it is checked at once. */
export const newRow = ({ now, holder, ...given }: NewRow): DatasourceRow => ({
  ...given,
  version: 1,
  assignment_version: 1,
  generation: 1,
  paused_at: null,
  is_deleting: false,
  deleted_at: null,
  created_at: now,
  was_active: false,
  ...standingColumns(UNVERIFIED),
  checking: true,
  check_due_at: now,
  checked_at: null,
  check_failures: 0,
  findings: { state: 'unverified', failures: [], advisories: [] },
  follower: null,
  progress: null,
  position: null,
  holder,
  fence: holder === null ? 0 : 1,
  is_changed: true,
});
