import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Beat } from '../../src/liveness/beat.js';
import { ReaderTable } from '../../src/liveness/reader-table.rules.js';
import { Senders } from './trace.js';

const runs = Number(process.env.FC_RUNS ?? 3_000);
const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const timeout = 60_000 + runs * 5;

const settings = { heartbeatCheckInterval: 1, missedBeats: 3, readerMessageTimeoutMs: 500, retentionMs: 60_000 };
const LONGEST = 9;

/** Numbered heartbeats of one incarnation. One of them may be its deregistration, also if more follow. */
const incarnation = fc
  .tuple(fc.array(fc.nat(8_063), { minLength: 1, maxLength: LONGEST }), fc.nat(2 * LONGEST), fc.constantFrom('x', 'y'))
  .map(([shapes, stopping, bootId]) =>
    shapes.map((how, at): Beat => {
      const { profile, state } = new Senders().beat({ what: 0, how }, 0);
      // Of several configurations the one that arrived last counts, as of those that no number orders.
      const beat = { readerId: 'a', profile, sentAt: null, config: null, countsFor: 'no-key' as const };
      const inTime = state === 'loading' ? state : 'ready';
      return { ...beat, bootId, seq: 2 * at, state: at === stopping ? 'stopping' : inTime };
    }),
  );

/** The same, each at least once, in any order. */
const received = incarnation.chain((beats) =>
  fc.tuple(
    fc.constant(beats),
    fc.array(fc.constantFrom(...beats), { maxLength: LONGEST }).chain((more) => {
      const all = [...beats, ...more];
      return fc.shuffledSubarray(all, { minLength: all.length });
    }),
  ),
);

/** What is shown of the reader after these heartbeats. */
function shownAfter(beats: readonly Beat[], known: readonly Beat[] = []): unknown {
  const table = new ReaderTable(settings, 0);
  for (const [at, beat] of [...known, ...beats].entries()) table.record(beat, { monotonic: at, unix: at });
  const { state, bootId, seq, profile } = table.get('a')!;
  return state === 'gone' ? { state, bootId } : { state, bootId, seq, profile };
}

describe(`the heartbeats of one incarnation (FC_SEED=${seed} FC_RUNS=${runs})`, () => {
  it(
    'give the same reader in any order and with any repeated',
    () => {
      fc.assert(
        fc.property(received, ([beats, inAnyOrder]) => {
          expect(shownAfter(inAnyOrder)).toEqual(shownAfter(beats));
        }),
        { numRuns: runs, seed },
      );
    },
    timeout,
  );

  it(
    'give the same reader also among late ones of the incarnation that it has replaced',
    () => {
      const previous: Beat[] = [0, 1, 2].map((seq) => ({
        ...new Senders().beat({ what: 0, how: seq }, 0),
        bootId: 'old',
        seq,
        state: seq === 2 ? 'stopping' : 'ready',
      }));
      fc.assert(
        fc.property(received, fc.array(fc.nat(2)), ([[first, ...rest], inAnyOrder], late) => {
          const begun = [previous[0]!, first!];
          const among = inAnyOrder.flatMap((beat, at) => (at < late.length ? [previous[late[at]!]!, beat] : [beat]));
          fc.pre(first!.state !== 'stopping');
          expect(shownAfter(among, begun)).toEqual(shownAfter([first!, ...rest], begun));
        }),
        { numRuns: Math.ceil(runs / 10), seed },
      );
    },
    timeout,
  );
});
