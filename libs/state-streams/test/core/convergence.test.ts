import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResyncReason } from '../../src/core/replica/replica-effect.js';
import { trace, type Happening } from './happenings.js';
import { StreamWorld } from './stream-world.js';

const runs = Number(process.env.FC_RUNS ?? 2_000);
const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Generous: a trace takes well under a millisecond or two. */
const timeout = 30_000 + runs * 10;

/** Inputs a replica may need to come to rest: what is under way, and a snapshot or two. Seen in practice: under 60. */
const MOST_INPUTS = 150;

const reasons = new Set<ResyncReason>();

function live(happenings: readonly Happening[]): StreamWorld {
  const world = new StreamWorld();
  for (const happening of happenings) world.happen(happening);
  for (const reason of world.chronicle.reasons) reasons.add(reason);
  return world;
}

const beacon: Happening = { type: 'beacon', pick: 0, changes: [] };

describe(`a replica under loss, duplication, reordering and restarts (FC_SEED=${seed} FC_RUNS=${runs})`, () => {
  it(
    'shows only states an owner was in, never an older one after a newer, and ends in step with the owner',
    () => {
      fc.assert(
        fc.property(trace, (happenings) => {
          const world = live(happenings);
          expect(world.settle()).toBeLessThan(MOST_INPUTS);
          // What was under way has arrived; one beacon and the snapshot round it may cause must be enough.
          world.happen(beacon);
          expect(world.settle()).toBeLessThan(MOST_INPUTS);
          const { replica, owner } = world;
          expect(owner.beacon()).toEqual(world.committed.beacon());
          expect(replica.phase).toBe('live');
          expect({ epoch: replica.epoch, seq: replica.seq }).toEqual({ epoch: owner.epoch, seq: owner.seq });
          expect(new Map([...replica.entries].map(([key, { value }]) => [key, value]))).toEqual(
            new Map(owner.entries()),
          );
          // At rest, a beacon causes nothing any more.
          world.happen(beacon);
          expect(world.settle()).toBe(1);
          expect(world.replica.attempts).toBe(0);
        }),
        { numRuns: runs, seed },
      );
    },
    timeout,
  );

  // A model in which something cannot happen proves nothing about it.
  it.runIf(runs >= 1_000)('was resynced for every reason there is', () => {
    expect([...reasons].toSorted()).toEqual([
      'beacon-ahead',
      'beacon-behind',
      'bound',
      'buffer-overflow',
      'digest-mismatch',
      'gap',
      'new-epoch',
      'snapshot-mixed',
      'snapshot-outdated',
    ]);
  });
});
