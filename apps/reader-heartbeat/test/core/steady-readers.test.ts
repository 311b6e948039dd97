import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disturbances, SteadyWorld } from './steady-world.js';

const runs = Number(process.env.FC_RUNS ?? 5_000);
const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const timeout = 60_000 + runs * 5;

/** Longer than the longest lease, and than a canary may be missing. */
const REST_MS = 12_000;

describe(`readers that publish in time (FC_SEED=${seed} FC_RUNS=${runs})`, () => {
  it.each([2, 3])(
    'are never declared dead with %d missed heartbeats, and silent ones are, whatever happens to the process and to the broker',
    (missedBeats) => {
      const settings = { heartbeatCheckInterval: 1, missedBeats, readerMessageTimeoutMs: 500, retentionMs: 3_600_000 };
      fc.assert(
        fc.property(disturbances, (events) => {
          const world = new SteadyWorld(settings);
          world.rest(1_500);
          for (const event of events) world.make(event);
          world.rest(REST_MS);
          expect([world.falseDeaths, world.wrong()]).toEqual([[], []]);
        }),
        { numRuns: Math.ceil(runs / 2), seed },
      );
    },
    timeout,
  );
});
