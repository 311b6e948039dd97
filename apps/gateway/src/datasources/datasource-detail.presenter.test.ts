import type { DatasourceEntry } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { presentDetail } from './datasource-detail.presenter.js';

const now = 1_800_000_000_500;

const entry = (over: object = {}): DatasourceEntry =>
  ({
    id: 'dse_1',
    setup: { state: 'verified', checking: false, checked_at: now - 2_500, failures: [], advisories: [] },
    sync: { state: 'retrying', since: now - 90_000, next_attempt_at: now + 7_900 },
    freshness: { newest_change_at: null, unknown_because: 'No poll has succeeded yet.', drained_at: now - 1_000 },
    position: null,
    direct: null,
    endpoint: { event_lag: null, last_request_at: now - 1_000, last_success_at: null, former_key_until: now + 60_000 },
    stuck: null,
    ...over,
  }) as unknown as DatasourceEntry;

describe('presentDetail', () => {
  it('has ages at the time of the answer, in whole seconds', () => {
    expect(presentDetail(entry(), { now, stale: false })).toMatchObject({
      setup: { checked_age_seconds: 2 },
      sync: { age_seconds: 90, next_attempt_in_seconds: 7 },
      freshness: { newest_change_at: null, age_seconds: null, drained_age_seconds: 1 },
      endpoint: { last_request_age_seconds: 1, last_success_age_seconds: null, former_key_until: 1_800_000_060 },
    });
  });

  it('has no negative age where another clock is ahead', () => {
    const { sync } = presentDetail(entry({ sync: { since: now + 5_000, next_attempt_at: now - 5_000 } }), {
      now,
      stale: true,
    });
    expect(sync).toMatchObject({ age_seconds: 0, next_attempt_in_seconds: 0 });
  });

  it.each([
    [{ event_lag: null, last_success_at: null }, expect.stringContaining('No poll has succeeded') as string],
    [{ event_lag: null, last_success_at: 1 }, expect.stringContaining('no poll has reached the end') as string],
    [{ event_lag: 0, last_success_at: 1 }, null],
  ])('says why the lag of %j is not known', (endpoint, why) => {
    const shown = presentDetail(entry({ endpoint: { ...endpoint, last_request_at: 1, former_key_until: null } }), {
      now,
      stale: false,
    });
    expect(shown.endpoint!.event_lag_unknown_because).toEqual(why);
  });
});
