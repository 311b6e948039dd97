import fc from 'fast-check';

/** The events of a world, with their frequency in about a hundred. */
const WEIGHTS = {
  commit: 24,
  confirm: 6,
  beacon: 10,
  'zombie-commit': 2,
  'zombie-beacon': 2,
  deliver: 30,
  lose: 3,
  'deliver-again': 4,
  mangle: 1,
  serve: 12,
  'serve-by-zombie': 1,
  'time-out': 2,
  reply: 12,
  'reply-twice': 2,
  retry: 12,
  bind: 3,
  unbind: 1,
  'restart-replica': 1,
  'restart-owner': 1,
  'restore-owner': 1,
} as const;

export interface WorldEvent {
  type: keyof typeof WEIGHTS;
  /** Selects one of several: the owner, the message, the request. */
  pick: number;
  /** For commits. */
  changes: { key: string; value: number | null }[];
}

const types = Object.entries(WEIGHTS).flatMap(([type, weight]) =>
  Array<WorldEvent['type']>(weight).fill(type as WorldEvent['type']),
);

const change = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  value: fc.oneof({ weight: 3, arbitrary: fc.nat(9) }, { weight: 1, arbitrary: fc.constant(null) }),
});

const event: fc.Arbitrary<WorldEvent> = fc.record({
  type: fc.constantFrom(...types),
  pick: fc.nat(9),
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
});

/** A trace begins with a bound queue, since an unbound replica ignores nearly everything. */
export const trace: fc.Arbitrary<WorldEvent[]> = fc
  .array(event, { maxLength: 80, size: 'max' })
  .map((rest) => [{ type: 'bind', pick: 0, changes: [] }, ...rest]);
