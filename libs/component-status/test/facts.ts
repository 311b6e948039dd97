import {
  ownerOfPartitions,
  type DataplaneFacts,
  type DatasourceTrouble,
  type OwnerFacts,
  type PartitionFacts,
  type ProbeFacts,
  type StatusFacts,
} from '@signalbox/component-status';

export const at = 1_800_000_000_000;

const inStep: OwnerFacts = { silentMs: 500, hasSnapshot: true, isInStep: true };
const passed: ProbeFacts = { result: 'passed', passedMs: 1_000 };

export const runningDataplane: DataplaneFacts = {
  name: 'main',
  state: 'running',
  reportedMs: 800,
  timeoutMs: 15_000,
  privateRoutes: { warehouse: 'OK' },
};

/** Facts of a system in which everything works. */
export const healthy: StatusFacts = {
  at,
  owners: { readers: inStep, registry: inStep, dataplane: inStep, datasources: inStep },
  messaging: passed,
  storage: passed,
  api: { isStopping: false, stream: inStep },
  readers: { loading: 1, live: 2, dead: 0, flapping: 0, latestDead: [], latestFlapping: [] },
  registry: { state: 'serving', loadErrors: [] },
  dataplanes: [runningDataplane],
  datasources: { total: 4, troubles: [] },
};

export const withOwner = (component: keyof StatusFacts['owners'], owner: Partial<OwnerFacts>): StatusFacts => ({
  ...healthy,
  owners: { ...healthy.owners, [component]: { ...inStep, ...owner } },
});

/** Readers in as many partitions as there are arguments: how each differs from one that is in step. */
export const withPartitions = (...partitions: Partial<OwnerFacts>[]): StatusFacts => {
  const facts = partitions.map((each, partition): PartitionFacts => {
    return { ...inStep, ...each, partition, stream: `readers.${partition}` };
  });
  return { ...healthy, owners: { ...healthy.owners, readers: ownerOfPartitions(facts) } };
};

type Trouble = Pick<DatasourceTrouble, 'trouble' | 'code'> & Partial<DatasourceTrouble>;

export const withTroubles = (troubles: readonly Trouble[]): StatusFacts => ({
  ...healthy,
  datasources: { total: 4, troubles: troubles.map((each) => ({ failures: 1, since: at - 1_000, ...each })) },
});
