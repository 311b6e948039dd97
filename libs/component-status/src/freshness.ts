import type { ComponentName } from './components.js';
import { isStale } from './rules/connections.js';
import { OWNER_SILENT_MS } from './rules/owners.js';
import type { StatusFacts } from './status-facts.js';
import type { ComponentReport } from './status-report.js';

/** How old what is known of a component is. */
export function freshnessOf(
  component: ComponentName,
  facts: StatusFacts,
): Pick<ComponentReport, 'observed_at' | 'age_ms' | 'stale'> {
  if (component === 'api') return aged(0, { at: facts.at, stale: !facts.api.knowsKeys });
  if (component === 'messaging' || component === 'storage') {
    const probe = facts[component];
    return aged(probe.passedMs, { at: facts.at, stale: isStale(probe) });
  }
  const { silentMs, hasSnapshot, isInStep } = facts.owners[component];
  const isReceived = silentMs !== undefined && silentMs <= OWNER_SILENT_MS;
  return aged(silentMs, { at: facts.at, stale: !isReceived || !hasSnapshot || !isInStep });
}

const aged = (
  ageMs: number | undefined,
  { at, stale }: { readonly at: number; readonly stale: boolean },
): ReturnType<typeof freshnessOf> =>
  ageMs === undefined
    ? { observed_at: null, age_ms: null, stale: true }
    : { observed_at: Math.round(at - ageMs), age_ms: Math.round(ageMs), stale };
