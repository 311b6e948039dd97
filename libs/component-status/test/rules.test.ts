import { componentNames, evaluate, rules, type StatusFacts } from '@signalbox/component-status';
import { describe, expect, it } from 'vitest';
import { at, healthy, runningDataplane, withOwner, withPartitions, withTroubles } from './facts.js';

const owned = ['readers', 'registry', 'dataplane', 'datasources'] as const;
const failed = { result: 'failed', passedMs: 9_000 } as const;

/** For each rule: facts to which it applies, and what it then says. */
const fires: Record<string, { readonly facts: StatusFacts; readonly says: string }> = {
  'messaging.unreachable': {
    facts: { ...healthy, messaging: failed },
    says: 'The message broker has not answered for 9 s.',
  },
  'messaging.unchecked': {
    facts: { ...healthy, messaging: { result: 'passed', passedMs: 10_001 } },
    says: 'The message broker has not been checked for 10 s.',
  },
  'messaging.blocked': {
    facts: { ...healthy, messaging: { result: 'blocked', passedMs: 300_000, detail: 'low on memory' } },
    says: 'The message broker takes no messages: low on memory.',
  },
  'storage.unreachable': {
    facts: { ...healthy, storage: { result: 'failed', passedMs: undefined } },
    says: 'The database does not answer.',
  },
  'storage.unchecked': {
    facts: { ...healthy, storage: { result: 'passed', passedMs: 200_000 } },
    says: 'The database has not been checked for 3 min.',
  },
  'api.stopping': {
    facts: { ...healthy, api: { ...healthy.api, isStopping: true } },
    says: 'This gateway process is stopping.',
  },
  'api.keys_unknown': {
    facts: { ...healthy, api: { isStopping: false, stream: { ...healthy.api.stream, hasSnapshot: false } } },
    says: 'This gateway process does not know the API keys yet: it refuses every key.',
  },
  'api.stream_stale': {
    facts: { ...healthy, api: { isStopping: false, stream: { ...healthy.api.stream, silentMs: 7_000 } } },
    says: 'may be out of date',
  },
  ...Object.fromEntries(
    owned.flatMap((component) => [
      [
        `${component}.owner_silent`,
        { facts: withOwner(component, { silentMs: 6_001 }), says: 'Nothing has been received from' },
      ],
      [`${component}.behind`, { facts: withOwner(component, { isInStep: false }), says: 'is an earlier state' }],
    ]),
  ),
  'readers.partition_silent': {
    facts: withPartitions({ silentMs: 12_000 }, {}, { silentMs: undefined, hasSnapshot: false }),
    says: '2 of 3 partitions of reader-heartbeat: partition 0 for 12 s, partition 2 since this process started.',
  },
  'readers.dead': {
    facts: {
      ...healthy,
      readers: {
        ...healthy.readers,
        loading: 0,
        live: 3,
        dead: 5,
        latestDead: ['a', 'b', 'c', 'd'].map((id) => ({ id, since: at - 1 })),
      },
    },
    says: '5 of 8 readers are dead: a, b, c and 2 more.',
  },
  'readers.flapping': {
    facts: {
      ...healthy,
      readers: { ...healthy.readers, flapping: 1, latestFlapping: [{ id: 'a', since: at - 1 }] },
    },
    says: '1 of 4 readers is flapping: a.',
  },
  'registry.load_error': {
    facts: {
      ...healthy,
      registry: { state: 'serving', loadErrors: [{ subject: 'package shop/orders', message: 'no manifest', at }] },
    },
    says: 'Something could not be loaded: package shop/orders.',
  },
  'registry.not_serving': {
    facts: { ...healthy, registry: { state: 'initializing', loadErrors: [] } },
    says: 'The registry is initializing: it takes no changes.',
  },
  'dataplane.silent': {
    facts: { ...healthy, dataplanes: [{ ...runningDataplane, reportedMs: 15_001 }] },
    says: 'No report has been received from main for 15 s.',
  },
  'dataplane.not_running': {
    facts: { ...healthy, dataplanes: [{ ...runningDataplane, state: 'draining' }] },
    says: 'main is draining.',
  },
  'dataplane.route_down': {
    facts: { ...healthy, dataplanes: [{ ...runningDataplane, privateRoutes: { a: 'OK', b: 'connection refused' } }] },
    says: 'A private route is not reached: b from main.',
  },
  'datasources.rejected': {
    facts: withTroubles([
      { trouble: 'rejected', code: 'wal_level' },
      { trouble: 'rejected', code: 'login' },
      { trouble: 'rejected', code: 'login' },
    ]),
    says: '3 of 4 datasources are rejected: login, wal_level.',
  },
  'datasources.blocked': {
    facts: withTroubles([{ trouble: 'blocked', code: 'wal_limit' }]),
    says: '1 of 4 datasources is blocked: wal_limit.',
  },
  'datasources.stuck': {
    facts: withTroubles([{ trouble: 'stuck', code: 'direct' }]),
    says: '1 of 4 datasources is stuck: direct.',
  },
  'datasources.retrying': {
    facts: withTroubles([{ trouble: 'retrying', code: 'timeout', failures: 5 }]),
    says: '1 of 4 datasources is retried without success: timeout.',
  },
};

const options = { critical: ['messaging', 'storage'] } as const;

describe('the rules', () => {
  it('each have facts to which they apply, a component and another id', () => {
    expect(Object.keys(fires).toSorted()).toEqual(rules.map(({ id }) => id).toSorted());
    expect(rules.filter(({ id, component }) => !id.startsWith(`${component}.`))).toEqual([]);
  });

  it('do not apply to a system in which everything works', () => {
    const report = evaluate(healthy, options);
    expect(report).toMatchObject({ status: 'operational', causes: [] });
    expect(report.components.map(({ component, status, stale }) => [component, status, stale])).toEqual(
      componentNames.map((component) => [component, 'operational', false]),
    );
  });

  it.each(rules)('apply alone: $id', ({ id, component, status }) => {
    const { facts, says } = fires[id]!;
    const report = evaluate(facts, options);
    expect(report.causes.map(({ rule }) => rule)).toEqual([id]);
    expect(report.causes[0]!.sentence).toContain(says);
    const found = report.components.find((one) => one.component === component)!;
    expect(found).toMatchObject({ status, reasons: [{ rule: id, status }] });
    expect(found.reasons[0]!.evidence.length).toBeGreaterThan(0);
    expect(report.components.filter((one) => one !== found && one.status !== 'operational')).toEqual([]);
  });

  it('explain those that come after them only, so that every explanation ends', () => {
    const ids = rules.map(({ id }) => id);
    for (const [place, { explainedBy = [] }] of rules.entries())
      for (const explanation of explainedBy) {
        expect(ids).toContain(explanation);
        expect(ids.indexOf(explanation)).toBeLessThan(place);
      }
  });
});

describe('what is known of a component', () => {
  it.each([
    ['dataplane', fires['dataplane.silent']!.facts, { stale: true, age_ms: 15_001 }],
    ['dataplane', { ...healthy, dataplanes: [{ ...runningDataplane, reportedMs: undefined }] }, { observed_at: null }],
    ['dataplane', healthy, { stale: false, age_ms: 800 }],
    ['api', fires['api.stream_stale']!.facts, { stale: true, age_ms: 7_000, status: 'degraded' }],
    ['registry', { ...healthy, registry: { state: undefined, loadErrors: [] } }, { status: 'degraded' }],
  ] as const)('is as old as the oldest thing it follows from: %s', (component, facts, expected) => {
    const found = evaluate(facts, options).components.find((one) => one.component === component);
    expect(found).toMatchObject(expected);
  });
});

describe('readers in several partitions', () => {
  const reasons = (facts: StatusFacts) =>
    evaluate(facts, options)
      .components.find(({ component }) => component === 'readers')!
      .reasons.map(({ rule, sentence }) => [rule, sentence]);

  it.each([
    [withPartitions({}, {}), []],
    [
      withPartitions({ silentMs: 7_000 }, { silentMs: 9_000 }),
      [['readers.owner_silent', 'Nothing has been received from reader-heartbeat for 7 s.']],
    ],
    [
      withPartitions({}, { hasSnapshot: false }, { isInStep: false }, { hasSnapshot: false }),
      [['readers.behind', 'The state of partitions 1, 3 of reader-heartbeat has not been received yet.']],
    ],
    [
      withPartitions({}, { isInStep: false }, { silentMs: 7_000, isInStep: false }),
      [
        [
          'readers.behind',
          expect.stringMatching(/^What is shown of partition 1 of reader-heartbeat is an earlier state:/),
        ],
        [
          'readers.partition_silent',
          'Nothing has been received from 1 of 3 partitions of reader-heartbeat: partition 2 for 7 s.',
        ],
      ],
    ],
  ])('are judged by what arrives of each: %#', (facts, expected) => {
    expect(reasons(facts)).toEqual(expected);
  });

  it.each([
    [withPartitions({}, { silentMs: 9_000 }), { age_ms: 9_000, stale: true, status: 'degraded' }],
    [withPartitions({}, { silentMs: undefined }), { age_ms: null, stale: true, status: 'degraded' }],
    [withPartitions({}, { silentMs: 900 }), { age_ms: 900, stale: false, status: 'operational' }],
  ] as const)('are as old as the oldest partition: %#', (facts, expected) => {
    const found = evaluate(facts, options).components.find(({ component }) => component === 'readers');
    expect(found).toMatchObject(expected);
  });
});

describe('a datasource that is retried', () => {
  it.each([
    [{ failures: 4, since: at - 299_999 }, []],
    [{ failures: 5, since: at - 1 }, ['datasources.retrying']],
    [{ failures: 1, since: at - 300_000 }, ['datasources.retrying']],
  ])('degrades its component after five failures or five minutes: %j', (over, expected) => {
    const { causes } = evaluate(withTroubles([{ trouble: 'retrying', code: 'timeout', ...over }]), options);
    expect(causes.map(({ rule }) => rule)).toEqual(expected);
  });

  it('is an effect where datasource-sync is silent', () => {
    const facts = {
      ...withOwner('datasources', { silentMs: 20_000 }),
      datasources: fires['datasources.retrying']!.facts.datasources,
    };
    expect(evaluate(facts, options).causes).toMatchObject([
      { rule: 'datasources.owner_silent', effects: [{ rule: 'datasources.retrying' }] },
    ]);
  });
});

describe('the cause', () => {
  it('is the broker when no service is received because of it', () => {
    const silent = { silentMs: 20_000, hasSnapshot: true, isInStep: true };
    const report = evaluate(
      {
        ...healthy,
        messaging: failed,
        owners: { readers: silent, registry: silent, dataplane: silent, datasources: silent },
        dataplanes: [{ ...runningDataplane, reportedMs: 20_000 }],
      },
      options,
    );
    expect(report.status).toBe('critical');
    expect(report.causes).toMatchObject([{ component: 'messaging', rule: 'messaging.unreachable' }]);
    expect(report.causes[0]!.effects.map(({ rule }) => rule)).toEqual([
      ...owned.map((component) => `${component}.owner_silent`),
      'dataplane.silent',
    ]);
  });

  it('is the check that is missing when this process did not run, and so received nothing', () => {
    const { messaging } = fires['messaging.unchecked']!.facts;
    const facts = { ...withOwner('readers', { silentMs: 11_000 }), messaging };
    expect(evaluate(facts, options).causes).toMatchObject([
      { rule: 'messaging.unchecked', effects: [{ component: 'readers', rule: 'readers.owner_silent' }] },
    ]);
  });

  it('is the database when a service publishes nothing without it', () => {
    const facts = { ...withOwner('registry', { silentMs: 20_000 }), storage: failed };
    expect(evaluate(facts, options).causes).toMatchObject([
      { rule: 'storage.unreachable', effects: [{ component: 'registry', rule: 'registry.owner_silent' }] },
    ]);
  });

  it('is the service when its silence makes a dataplane silent', () => {
    const report = evaluate(
      {
        ...withOwner('dataplane', { silentMs: 20_000 }),
        dataplanes: [{ ...runningDataplane, reportedMs: 20_000 }],
      },
      options,
    );
    expect(report.status).toBe('degraded');
    expect(report.causes).toMatchObject([
      { rule: 'dataplane.owner_silent', effects: [{ component: 'dataplane', rule: 'dataplane.silent' }] },
    ]);
  });

  it('is each of two that have nothing to do with each other', () => {
    const report = evaluate(
      { ...fires['readers.dead']!.facts, registry: fires['registry.load_error']!.facts.registry },
      options,
    );
    expect(report.causes.map(({ rule }) => rule)).toEqual(['readers.dead', 'registry.load_error']);
  });
});

describe('an active notice', () => {
  it('keeps its components from counting as unavailable, and shows why they would', () => {
    const facts = { ...healthy, messaging: failed };
    const notice = { id: 'n1', components: ['messaging'] } as const;
    const { status, components } = evaluate(facts, { ...options, notices: [notice] });
    expect(status).toBe('degraded');
    expect(components.find(({ component }) => component === 'messaging')).toMatchObject({
      status: 'degraded',
      notice_id: 'n1',
      reasons: [{ rule: 'messaging.unreachable', status: 'unavailable' }],
    });
  });

  it('degrades nothing by itself', () => {
    const notice = { id: 'n1', components: componentNames };
    expect(evaluate(healthy, { ...options, notices: [notice] }).status).toBe('operational');
  });
});
