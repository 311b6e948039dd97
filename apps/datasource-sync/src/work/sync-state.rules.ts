import type { DatasourceSync } from '@signalbox/contracts/streams';

/** What is being done, with only that filled in which goes with it. */
export const syncState = (
  state: DatasourceSync['state'],
  since: number,
  more: Partial<Omit<DatasourceSync, 'state' | 'since'>> = {},
): DatasourceSync => ({ state, since, snapshot: null, next_attempt_at: null, error: null, fix: null, ...more });
