import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOwned, retiredOf, shareOf, streamsOf, type Lease, type Ownership } from './share.rules.js';

const lease = (partition: number, owner: string | null, isValid = true): Lease => ({ partition, owner, isValid });

describe('the share of a process', () => {
  it('is everything where it is alone', () => {
    expect(shareOf('a', { count: 3, processes: ['a'], leases: [] })).toEqual({
      keep: [],
      giveBack: [],
      take: [0, 1, 2],
    });
  });

  it('gives back to a newcomer, and takes nothing of another that runs', () => {
    const leases = [0, 1, 2, 3].map((partition) => lease(partition, 'a'));
    const facts = { count: 4, processes: ['a', 'b'], leases };
    expect(shareOf('a', facts)).toEqual({ keep: [0, 1], giveBack: [2, 3], take: [] });
    expect(shareOf('b', facts)).toEqual({ keep: [], giveBack: [], take: [] });
  });

  it('takes what was given back, and what a process left whose lease has ended', () => {
    const leases = [lease(0, 'a'), lease(1, null), lease(2, 'dead', false), lease(3, 'dead', true)];
    expect(shareOf('a', { count: 4, processes: ['a'], leases })).toEqual({ keep: [0], giveBack: [], take: [1, 2] });
  });

  it('keeps its own though their lease has ended: no other has taken them', () => {
    expect(shareOf('a', { count: 1, processes: ['a'], leases: [lease(0, 'a', false)] }).keep).toEqual([0]);
  });

  it('keeps a retired partition besides its share, and takes none', () => {
    const leases = [lease(0, 'a'), lease(1, 'a'), lease(2, 'a'), lease(3, null)];
    const facts = { count: 2, processes: ['a', 'b'], leases };
    expect(shareOf('a', facts)).toEqual({ keep: [0, 2], giveBack: [1], take: [] });
    expect(shareOf('b', facts).take).toEqual([]);
    expect(retiredOf(facts)).toEqual([2, 3]);
  });

  it('is all of them once each has an owner whose lease has not ended', () => {
    const facts = (...leases: Lease[]): Ownership => ({ count: 2, processes: ['a'], leases });
    expect(isOwned(facts(lease(0, 'a'), lease(1, 'a'), lease(2, null)))).toBe(true);
    for (const other of [lease(1, null), lease(1, 'a', false), lease(2, 'a')])
      expect(isOwned(facts(lease(0, 'a'), other))).toBe(false);
  });

  it('leaves retired partitions their streams as long as they have an owner', () => {
    const leases = [lease(0, 'a'), lease(2, 'a', false), lease(3, null)];
    expect(streamsOf({ count: 2, processes: ['a'], leases })).toBe(3);
    expect(streamsOf({ count: 4, processes: ['a'], leases: [] })).toBe(4);
  });

  it('is even after any coming and going of processes, once each had its turns', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 17 }), numbers, (count, steps) => {
        const owners = new Map<number, string | null>();
        const processes: string[] = [];
        const factsNow = (): Ownership => ({
          count,
          processes,
          leases: [...owners].map(([partition, owner]) =>
            lease(partition, owner, owner !== null && processes.includes(owner)),
          ),
        });
        for (const step of steps) {
          const id = `p${step}`;
          const at = processes.indexOf(id);
          if (at < 0) processes.push(id);
          else if (processes.length > 1) processes.splice(at, 1);
          for (let turn = 0; turn < 2; turn += 1)
            for (const me of processes) {
              const { giveBack, take } = shareOf(me, factsNow());
              for (const partition of giveBack) owners.set(partition, null);
              for (const partition of take) owners.set(partition, me);
            }
          const counts = processes.map((me) => [...owners.values()].filter((owner) => owner === me).length);
          expect(counts.reduce((sum, each) => sum + each, 0)).toBe(count);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
