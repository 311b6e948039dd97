import type { ComponentName } from './components.js';
import { isStale } from './rules/connections.js';
import { hasReported } from './rules/dataplanes.js';
import { isCurrent } from './rules/received.js';
import type { OwnerFacts, StatusFacts } from './status-facts.js';
import type { ComponentReport } from './status-report.js';

/** Ms since what a status follows from was seen; undefined: something was never seen. */
interface Age {
  readonly ageMs: number | undefined;
  readonly stale: boolean;
}

/** How old what is known of a component is: as old as the oldest thing that its status follows from. */
export function freshnessOf(
  component: ComponentName,
  facts: StatusFacts,
): Pick<ComponentReport, 'observed_at' | 'age_ms' | 'stale'> {
  const { ageMs, stale } = ageOf(component, facts);
  if (ageMs === undefined) return { observed_at: null, age_ms: null, stale: true };
  return { observed_at: Math.round(facts.at - ageMs), age_ms: Math.round(ageMs), stale };
}

function ageOf(component: ComponentName, facts: StatusFacts): Age {
  switch (component) {
    case 'messaging':
    case 'storage':
      return { ageMs: facts[component].passedMs, stale: isStale(facts[component]) };
    case 'api':
      return ageOfOwner(facts.api.stream);
    case 'dataplane': {
      const owner = ageOfOwner(facts.owners.dataplane);
      return {
        ageMs: oldest([owner.ageMs, ...facts.dataplanes.map(({ reportedMs }) => reportedMs)]),
        stale: owner.stale || !facts.dataplanes.every(hasReported),
      };
    }
    default:
      return ageOfOwner(facts.owners[component]);
  }
}

const ageOfOwner = (owner: OwnerFacts): Age => ({
  ageMs: oldest((owner.partitions ?? [owner]).map(({ silentMs }) => silentMs)),
  stale: !isCurrent(owner),
});

/** Undefined: one of them was never seen. */
const oldest = (ages: readonly (number | undefined)[]): number | undefined => {
  const known = ages.filter((age) => age !== undefined);
  return known.length === ages.length ? Math.max(...known) : undefined;
};
