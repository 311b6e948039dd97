import type { Evidence } from '../rule.js';
import type { StatusFacts } from '../status-facts.js';

/** Unix ms of what was seen that long ago; null: it was never seen. */
export const seenAt = (ageMs: number | undefined, { at }: StatusFacts): number | null =>
  ageMs === undefined ? null : Math.round(at - ageMs);

/** How long ago something was seen last, and when that is too long. */
export const ageEvidence = (
  ageMs: number | undefined,
  facts: StatusFacts,
  rest: Pick<Evidence, 'what' | 'threshold' | 'source'>,
): Evidence => ({
  ...rest,
  value: ageMs === undefined ? null : Math.round(ageMs),
  observed_at: seenAt(ageMs, facts),
});
