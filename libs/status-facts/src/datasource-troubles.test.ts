import { datasourcesStream } from '@signalbox/contracts/streams';
import { FollowedStreams } from '@signalbox/state-streams';
import { describe, expect, it } from 'vitest';
import { DatasourceTroubles } from './datasource-troubles.js';

const { entries, ...stream } = datasourcesStream;
const key = (id: string): string => entries.datasource.key(id);

const none = { snapshot: null, next_attempt_at: null, error: null, fix: null };
const entry = (over: object = {}) => ({
  id: 'dse_canary',
  account: 'canary',
  livemode: true,
  connection: 'endpoint',
  status: 'active',
  metadata: {},
  created_at: 1,
  version: 1,
  paused: false,
  direct: null,
  endpoint: null,
  retry_count: 0,
  last_error: null,
  setup: { state: 'verified', checking: false, checked_at: 2, failures: [], advisories: [] },
  sync: { ...none, state: 'polling', since: 3 },
  freshness: { newest_change_at: null, unknown_because: null, drained_at: null },
  position: null,
  stuck: null,
  ...over,
});

const error = { code: 'timeout', message: 'canary.example.com did not answer.' };
const retrying = { sync: { ...none, state: 'retrying', since: 4, error }, retry_count: 2 };
const blocked = { sync: { ...none, state: 'blocked', since: 5, error: { ...error, code: 'wal_limit' } } };
const stuck = { stuck: { since: 6, evidence: 'canary' } };
const rejected = {
  status: 'rejected',
  setup: { ...entry().setup, state: 'incomplete', failures: [{ item: 'wal_level', actual: 'replica', fix: 'canary' }] },
};

describe('DatasourceTroubles', () => {
  const facts = (...datasources: object[]) => {
    const followed = new FollowedStreams().follow({ entries, ...stream });
    const troubles = new DatasourceTroubles(followed.collections.datasource);
    followed.reset(datasources.map((each, index) => [key(`ds_${index}`), entry(each)] as const));
    return troubles.facts();
  };

  it.each([
    [{}, []],
    [retrying, [{ trouble: 'retrying', code: 'timeout', failures: 2, since: 4 }]],
    [blocked, [{ trouble: 'blocked', code: 'wal_limit', failures: 0, since: 5 }]],
    [stuck, [{ trouble: 'stuck', code: 'endpoint', failures: 0, since: 6 }]],
    [rejected, [{ trouble: 'rejected', code: 'wal_level', failures: 0, since: 2 }]],
    [{ status: 'rejected', last_error: error }, [{ trouble: 'rejected', code: 'timeout', failures: 0, since: 2 }]],
    [{ ...rejected, ...retrying }, [{ trouble: 'rejected', code: 'wal_level', failures: 2, since: 2 }]],
    [{ status: 'unverified', retry_count: 4, last_error: error }, []],
    [
      { status: 'unverified', retry_count: 5, last_error: error },
      [{ trouble: 'retrying', code: 'timeout', failures: 5, since: 3 }],
    ],
    [{ ...retrying, paused: true }, []],
    [{ ...rejected, paused: true }, []],
    [{ ...blocked, paused: true }, [{ trouble: 'blocked', code: 'wal_limit', failures: 0, since: 5 }]],
  ])('have of %j the trouble %j', (over, troubles) => {
    expect(facts(over)).toEqual({ total: 1, troubles });
  });

  it('name no datasource, account or host', () => {
    expect(JSON.stringify(facts(retrying, blocked, stuck, rejected, {}))).not.toMatch(/canary|ds_/);
  });

  it('follow the stream', () => {
    const followed = new FollowedStreams().follow({ entries, ...stream });
    const troubles = new DatasourceTroubles(followed.collections.datasource);
    followed.reset([[key('ds_0'), entry(rejected)]]);
    expect(troubles.facts()).toMatchObject({ total: 1, troubles: [{ trouble: 'rejected' }] });
    followed.change([{ key: key('ds_0'), value: entry() }]);
    expect(troubles.facts()).toEqual({ total: 1, troubles: [] });
  });
});
