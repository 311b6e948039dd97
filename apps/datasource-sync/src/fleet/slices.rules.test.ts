import { describe, expect, it } from 'vitest';
import { leavingHalf, mergeOf, placeOf, type SliceFacts, type SliceKind, type SliceLimits } from './slices.rules.js';

const limits: SliceLimits = { size: { direct: 8, endpoint: 1_000 }, workers: 64, calmMs: 600_000 };

class TestSlice implements SliceFacts {
  readonly members = new Set<string>();
  diedAt: number | undefined;
  constructor(readonly kind: SliceKind) {}
}

/** The same numbers in each run. */
function* randomNumbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

/** Slices as the fleet keeps them, with datasources that kill their worker. */
class TestFleet {
  slices: TestSlice[] = [];
  now = 0;
  constructor(private readonly culprits: ReadonlySet<string>) {}

  add(id: string, kind: SliceKind): void {
    let slice = placeOf(this.slices, kind, { now: this.now, limits });
    if (slice === undefined) this.slices.push((slice = new TestSlice(kind)));
    slice.members.add(id);
  }

  /** Each worker with a culprit dies once. @returns the datasources that were interrupted */
  die(): string[] {
    const dying = this.slices.filter(({ members }) => [...members].some((id) => this.culprits.has(id)));
    return dying.flatMap((slice) => {
      const interrupted = [...slice.members];
      slice.diedAt = this.now;
      const leaving = leavingHalf(slice, this.slices, limits);
      if (leaving.length > 0) {
        const half = new TestSlice(slice.kind);
        half.diedAt = this.now;
        this.slices.push(half);
        for (const id of leaving) {
          slice.members.delete(id);
          half.members.add(id);
        }
      }
      return interrupted;
    });
  }

  mergeAll(): void {
    for (let pair = mergeOf(this.slices, this); pair; pair = mergeOf(this.slices, this)) {
      const [into, from] = pair;
      for (const id of from.members) into.members.add(id);
      this.slices = this.slices.filter((slice) => slice !== from);
    }
  }

  readonly limits = limits;
}

describe('slices of datasources', () => {
  it('hold no more than a worker takes, and never both kinds', () => {
    const fleet = new TestFleet(new Set());
    const random = randomNumbers(1);
    for (let n = 0; n < 500; n += 1) {
      const kind = random.next().value < 0.3 ? 'direct' : 'endpoint';
      fleet.add(`${kind}-${n}`, kind);
    }
    for (const { kind, members } of fleet.slices) {
      expect(members.size).toBeLessThanOrEqual(limits.size[kind]);
      expect([...members].every((id) => id.startsWith(kind))).toBe(true);
    }
    const direct = fleet.slices.filter(({ kind }) => kind === 'direct');
    expect(direct).toHaveLength(Math.ceil(direct.reduce((sum, { members }) => sum + members.size, 0) / 8));
  });

  it.each([1, 2, 3, 4, 5])(
    'leave a culprit alone after a few deaths, and lose and double no datasource (seed %i)',
    (seed) => {
      const random = randomNumbers(seed);
      const kind = seed % 2 === 0 ? 'direct' : 'endpoint';
      const ids = Array.from({ length: kind === 'direct' ? 40 : 2_500 }, (_, n) => `${kind}-${n}`);
      const culprits = new Set(ids.filter(() => random.next().value < 1 / ids.length));
      culprits.add(ids[Math.floor(random.next().value * ids.length)]!);
      const fleet = new TestFleet(culprits);
      for (const id of ids) fleet.add(id, kind);
      for (let round = 0; round < Math.ceil(Math.log2(limits.size[kind])); round += 1) fleet.die();
      expect(new Set(fleet.die())).toEqual(culprits);
      const all = fleet.slices.flatMap(({ members }) => [...members]);
      expect(all.toSorted()).toEqual(ids.toSorted());
      expect(fleet.slices.length).toBeLessThanOrEqual(limits.workers);
    },
  );

  it('take no other datasource while the culprit may be in them', () => {
    const fleet = new TestFleet(new Set(['direct-0']));
    fleet.add('direct-0', 'direct');
    fleet.die();
    fleet.add('direct-1', 'direct');
    expect(fleet.slices.map(({ members }) => [...members])).toEqual([['direct-0'], ['direct-1']]);
  });

  it('are merged when all were calm for long enough, and not before', () => {
    const culprits = new Set(['direct-3']);
    const fleet = new TestFleet(culprits);
    for (let n = 0; n < 8; n += 1) fleet.add(`direct-${n}`, 'direct');
    for (let round = 0; round < 4; round += 1) fleet.die();
    expect(fleet.slices.length).toBeGreaterThan(2);
    const before = fleet.slices.length;
    fleet.now += limits.calmMs - 1;
    fleet.mergeAll();
    expect(fleet.slices).toHaveLength(before);
    fleet.now += 1;
    fleet.mergeAll();
    expect(fleet.slices).toHaveLength(1);
    expect(fleet.slices[0]!.members.size).toBe(8);
  });

  it('grow beyond their size where there are too many workers, and are not split then', () => {
    const few = { ...limits, workers: 2 };
    const slices = [new TestSlice('direct'), new TestSlice('endpoint')];
    for (let n = 0; n < 8; n += 1) slices[0]!.members.add(`direct-${n}`);
    expect(placeOf(slices, 'direct', { now: 0, limits: few })).toBe(slices[0]);
    expect(leavingHalf(slices[0]!, slices, few)).toEqual([]);
    expect(placeOf(slices.slice(1), 'direct', { now: 0, limits: { ...limits, workers: 1 } })).toBeUndefined();
  });
});
