import fc from 'fast-check';
import { oddValue } from './odd-values.js';

type Place = readonly string[];

/** Values as they are, and with one member at any depth that is another one or missing. */
export function spoiled(accepted: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const changed = fc
    .record({ value: accepted, place: fc.nat(), other: fc.option(oddValue, { nil: undefined }) })
    .map(({ value, place, other }) => {
      const places = placesIn(value);
      return places.length === 0 ? other : withOther(value, places[place % places.length]!, other);
    });
  return fc.oneof(accepted, changed);
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    [name],
    ...placesIn(member).map((rest) => [name, ...rest]),
  ]);
}

/** @param other undefined: without the member */
function withOther(value: unknown, [name, ...rest]: Place, other: unknown): unknown {
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[name!] = rest.length === 0 ? other : withOther(copy[name!], rest, other);
  return copy;
}
