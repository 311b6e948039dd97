import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResyncReason } from '../../src/core/replica/replica-effect.js';
import { trace, type WorldEvent } from './world-events.js';
import { StreamWorld } from './stream-world.js';

const runs = Number(process.env.FC_RUNS ?? 2_000);
const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Generous: a trace takes one or two milliseconds. */
const timeout = 30_000 + runs * 10;

/** The most inputs a replica may need to come to rest: messages under way, and a snapshot or two. In practice: under 60. */
const MOST_INPUTS = 150;

const reasons = new Set<ResyncReason>();

function live(events: readonly WorldEvent[]): StreamWorld {
  const world = new StreamWorld();
  for (const event of events) world.run(event);
  for (const reason of world.chronicle.reasons) reasons.add(reason);
  return world;
}

const beacon: WorldEvent = { type: 'beacon', pick: 0, changes: [] };

describe(`a replica under loss, duplication, reordering and restarts (FC_SEED=${seed} FC_RUNS=${runs})`, () => {
  it(
    'shows only states that an owner was in, never an earlier one after a later one, and ends in step with the owner',
    () => {
      fc.assert(
        fc.property(trace, (events) => {
          const world = live(events);
          expect(world.settle()).toBeLessThan(MOST_INPUTS);
          // All messages have arrived. One beacon, and the snapshot that it may cause, must be enough.
          world.run(beacon);
          expect(world.settle()).toBeLessThan(MOST_INPUTS);
          const { replica, owner } = world;
          expect(owner.beacon()).toEqual(world.committed.beacon());
          expect(replica.phase).toBe('live');
          expect({ epoch: replica.epoch, seq: replica.seq }).toEqual({ epoch: owner.epoch, seq: owner.seq });
          expect(world.chronicle.shown).toEqual(new Map(owner.entries()));
          // At rest, a beacon has no effect.
          world.run(beacon);
          expect(world.settle()).toBe(1);
          expect(world.replica.attempts).toBe(0);
        }),
        { numRuns: runs, seed },
      );
    },
    timeout,
  );

  // A model in which a reason cannot occur proves nothing about it.
  it.runIf(runs >= 1_000)('resyncs for every reason that is defined', () => {
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
