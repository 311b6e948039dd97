import fc from 'fast-check';

/** What may happen in a world, with how often it does for each hundred or so happenings. */
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

export interface Happening {
  type: keyof typeof WEIGHTS;
  /** Which of several: the owner, the message, the request. */
  pick: number;
  /** For commits. */
  changes: { key: string; value: number | null }[];
}

const types = Object.entries(WEIGHTS).flatMap(([type, weight]) =>
  Array<Happening['type']>(weight).fill(type as Happening['type']),
);

const change = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  value: fc.oneof({ weight: 3, arbitrary: fc.nat(9) }, { weight: 1, arbitrary: fc.constant(null) }),
});

const happening: fc.Arbitrary<Happening> = fc.record({
  type: fc.constantFrom(...types),
  pick: fc.nat(9),
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
});

/** A replica that is bound first, since little can happen to one that is not. */
export const trace: fc.Arbitrary<Happening[]> = fc
  .array(happening, { maxLength: 80, size: 'max' })
  .map((rest) => [{ type: 'bind', pick: 0, changes: [] }, ...rest]);
