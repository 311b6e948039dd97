import type { Assignment } from '../work/assignment.js';

export type SliceKind = Assignment['connection'];

/** The datasources of one worker. Both kinds never share one: they need different things. */
export interface SliceFacts {
  readonly kind: SliceKind;
  readonly members: ReadonlySet<string>;
  /** Monotonic ms of the last death of its worker, or of the worker it was split from. */
  readonly diedAt: number | undefined;
}

export interface SliceLimits {
  /** Datasources a worker. */
  readonly size: Readonly<Record<SliceKind, number>>;
  /** Beyond so many workers, slices grow and are not split. */
  readonly workers: number;
  /** A slice whose worker ran for so long since its last death is trusted again. */
  readonly calmMs: number;
}

const isCalm = ({ diedAt }: SliceFacts, now: number, { calmMs }: SliceLimits): boolean =>
  diedAt === undefined || now - diedAt >= calmMs;

const smallest = <S extends SliceFacts>(slices: readonly S[]): S | undefined =>
  slices.toSorted((one, other) => one.members.size - other.members.size)[0];

/**
 * The slice for another datasource; undefined: a new one. The fullest that has room, so that there are few. One whose worker died lately
 * takes none: the culprit is in it.
 */
export function placeOf<S extends SliceFacts>(
  slices: readonly S[],
  kind: SliceKind,
  { now, limits }: { now: number; limits: SliceLimits },
): S | undefined {
  const ofKind = slices.filter((slice) => slice.kind === kind);
  const withRoom = ofKind.filter((slice) => slice.members.size < limits.size[kind] && isCalm(slice, now, limits));
  const fullest = withRoom.toSorted((one, other) => other.members.size - one.members.size)[0];
  if (fullest !== undefined || slices.length < limits.workers) return fullest;
  return smallest(ofKind.filter((slice) => isCalm(slice, now, limits))) ?? smallest(ofKind);
}

/**
 * Who moves to a new slice after a death: half of the members. So after a few deaths the culprit is alone, and takes only itself with it.
 * None where it is alone already, or where there are too many workers.
 */
export function leavingHalf(slice: SliceFacts, slices: readonly SliceFacts[], limits: SliceLimits): string[] {
  const members = [...slice.members];
  if (members.length < 2 || slices.length >= limits.workers) return [];
  return members.slice(Math.ceil(members.length / 2));
}

/** Two calm slices that fit into one, the first of which is to take the members of the second; the smallest ones of their kind. */
export function mergeOf<S extends SliceFacts>(
  slices: readonly S[],
  { now, limits }: { now: number; limits: SliceLimits },
): [into: S, from: S] | undefined {
  for (const kind of ['direct', 'endpoint'] as const) {
    const calm = slices.filter((slice) => slice.kind === kind && isCalm(slice, now, limits));
    const [from, into] = calm.toSorted((one, other) => one.members.size - other.members.size);
    if (from !== undefined && into !== undefined && from.members.size + into.members.size <= limits.size[kind])
      return [into, from];
  }
  return undefined;
}
