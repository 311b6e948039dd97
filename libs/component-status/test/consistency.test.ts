import {
  componentNames,
  evaluate,
  ownerOfPartitions,
  type DataplaneFacts,
  type DatasourceTrouble,
  type OwnerFacts,
  type ProbeFacts,
  type ReaderSince,
  type Reason,
  type StatusFacts,
} from '@signalbox/component-status';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from './facts.js';

const runs = Number(process.env.FC_RUNS ?? 1_000);
const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));

const age = fc.option(fc.oneof(fc.nat(12_000), fc.nat(10_000_000)), { nil: undefined });

const probe: fc.Arbitrary<ProbeFacts> = fc.record({
  result: fc.constantFrom('passed', 'failed', 'blocked'),
  passedMs: age,
});
const owner: fc.Arbitrary<OwnerFacts> = fc.record({
  silentMs: age,
  hasSnapshot: fc.boolean(),
  isInStep: fc.boolean(),
});
const partitions = fc
  .array(owner, { minLength: 2, maxLength: 4 })
  .map((all) => ownerOfPartitions(all.map((each, n) => ({ ...each, partition: n, stream: `readers.${n}` }))));
const dataplane: fc.Arbitrary<DataplaneFacts> = fc.record({
  name: fc.string(),
  state: fc.option(fc.constantFrom('starting', 'running', 'draining', 'down'), { nil: undefined }),
  reportedMs: age,
  timeoutMs: fc.nat(60_000),
  privateRoutes: fc.dictionary(fc.string(), fc.constantFrom('OK', 'connection refused')),
});
const trouble: fc.Arbitrary<DatasourceTrouble> = fc.record({
  trouble: fc.constantFrom('rejected', 'blocked', 'stuck', 'retrying'),
  code: fc.string(),
  failures: fc.nat(10),
  since: fc.integer({ min: at - 600_000, max: at }),
});
const some = (length: number): ReaderSince[] =>
  Array.from({ length }, (_, index) => ({ id: `r${index}`, since: at - index }));
const facts: fc.Arbitrary<StatusFacts> = fc.record({
  at: fc.constant(at),
  owners: fc.record({ readers: fc.oneof(owner, partitions), registry: owner, dataplane: owner, datasources: owner }),
  messaging: probe,
  storage: probe.filter(({ result }) => result !== 'blocked'),
  api: fc.record({ isStopping: fc.boolean(), stream: owner }),
  readers: fc.record({ loading: fc.nat(3), live: fc.nat(3), dead: fc.nat(3), flapping: fc.nat(3) }).map((counts) => ({
    ...counts,
    latestDead: some(counts.dead),
    latestFlapping: some(counts.flapping),
  })),
  registry: fc.record({
    state: fc.option(fc.constantFrom('initializing', 'serving', 'draining'), { nil: undefined }),
    loadErrors: fc.array(fc.record({ subject: fc.string(), message: fc.string(), at: fc.nat(at) }), { maxLength: 3 }),
  }),
  dataplanes: fc.array(dataplane, { maxLength: 3 }),
  datasources: fc.array(trouble, { maxLength: 5 }).map((troubles) => ({ total: troubles.length + 1, troubles })),
});
const options = fc.record({
  critical: fc.subarray([...componentNames]),
  notices: fc.array(fc.record({ id: fc.uuid(), components: fc.subarray([...componentNames]) }), { maxLength: 2 }),
});

describe(`a status report of any facts (FC_SEED=${seed} FC_RUNS=${runs})`, () => {
  it('does not contradict itself, and never calls operational what is stale', () => {
    fc.assert(
      fc.property(facts, options, (known, given) => {
        const report = evaluate(known, given);
        const reasons = report.components.flatMap((component) => component.reasons);
        const muted = new Set(given.notices.flatMap(({ components }) => components));

        expect(report.components.map(({ component }) => component)).toEqual(componentNames);
        const worst = (its: readonly Reason[]): string =>
          its.some(({ status }) => status === 'unavailable') ? 'unavailable' : 'degraded';
        for (const { component, status, stale, age_ms, reasons: its } of report.components) {
          const unmuted = its.length === 0 ? 'operational' : worst(its);
          expect(status).toBe(muted.has(component) && unmuted === 'unavailable' ? 'degraded' : unmuted);
          expect((stale || age_ms === null) && status === 'operational').toBe(false);
        }

        const statuses = report.components.map(({ component, status }) => ({ component, status }));
        const isCritical = statuses.some(
          ({ component, status }) => status === 'unavailable' && given.critical.includes(component),
        );
        expect(report.status === 'critical').toBe(isCritical);
        expect(report.status === 'operational').toBe(statuses.every(({ status }) => status === 'operational'));

        // Every reason is a cause, or the effect of exactly one.
        const effects = report.causes.flatMap(({ effects: of }) => of.map(({ rule }) => rule));
        const causes = report.causes.map(({ rule }) => rule);
        expect([...causes, ...effects].toSorted()).toEqual(reasons.map(({ rule }) => rule).toSorted());
        const named = new Map(report.causes.flatMap((cause) => cause.effects.map(({ rule }) => [rule, cause.rule])));
        for (const { rule, affected_by } of reasons) expect(named.get(rule)).toBe(affected_by?.rule);
      }),
      { numRuns: runs, seed },
    );
  });

  it('is the same in every process that has the same facts', () => {
    fc.assert(
      fc.property(facts, options, (known, given) => {
        const elsewhere = JSON.parse(JSON.stringify(known), (_, value: unknown) => value) as StatusFacts;
        expect(evaluate(elsewhere, given)).toEqual(evaluate(known, given));
      }),
      { numRuns: Math.ceil(runs / 10), seed },
    );
  });
});
