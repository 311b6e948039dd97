import type {
  DataplaneFacts,
  DatasourceTrouble,
  OwnerFacts,
  ProbeFacts,
  StatusFacts,
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

type Trouble = Pick<DatasourceTrouble, 'trouble' | 'code'> & Partial<DatasourceTrouble>;

export const withTroubles = (troubles: readonly Trouble[]): StatusFacts => ({
  ...healthy,
  datasources: { total: 4, troubles: troubles.map((each) => ({ failures: 1, since: at - 1_000, ...each })) },
});
