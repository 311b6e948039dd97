import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences, historyOf } from './differences.js';
import { deadlineOf, specified, type Settings, type Specified } from './specification.js';
import { MAX_PLACES, placesOf, trace, type TraceEvent } from './trace.js';
import { World } from './world.js';

const runs = Number(process.env.FC_RUNS ?? 12_000);
const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Generous: a trace takes less than a millisecond. */
const timeout = 60_000 + runs * 5;

const settings: fc.Arbitrary<Settings> = fc
  .tuple(fc.constantFrom(1, 2), fc.constantFrom(500, 0), fc.constantFrom(6_000, 3_000), fc.nat(19))
  .map(([missedBeats, readerMessageTimeoutMs, retentionMs, never]) => ({
    heartbeatCheckInterval: never === 19 ? 0 : 1,
    missedBeats,
    readerMessageTimeoutMs,
    retentionMs,
    places: MAX_PLACES,
    placesOf,
  }));

/** What occurred in all traces. A model in which something cannot occur proves nothing about it. */
const occurred = new Set<string>();

function live(events: readonly TraceEvent[], chosen: Settings): string[] {
  const world = new World(chosen);
  for (const [index, event] of events.entries()) {
    world.run(event);
    const expected = specified(world.log, chosen);
    const found = [
      ...differences(world, expected, chosen),
      ...effectsDiffer(world, expected, event),
      ...late(world, expected, chosen),
    ];
    if (found.length > 0) return [`after ${index + 1} events:`, ...found];
    note(expected);
  }
  const [is, shouldBe] = [historyOf(world.transitions), historyOf(specified(world.log, chosen).steps)];
  return is === shouldBe ? [] : ['the history is', is, 'not', shouldBe];
}

/** What the partition says that it did with heartbeats: what changed is published and written at once, what is renewed later. */
function effectsDiffer(world: World, { effects }: Specified, { kind }: TraceEvent): string[] {
  const { changed, renewed, refused } = world.engine.takeEffects();
  if (kind !== 'beat' && kind !== 'batch') return [];
  const isRenewed = new Set(renewed.filter((readerId) => !changed.includes(readerId)));
  const is = [changed, isRenewed, refused].map(listed).join('; ');
  const shouldBe = [effects.changed, effects.renewed, effects.refused].map(listed).join('; ');
  return is === shouldBe ? [] : [`changed, renewed, refused are ${is}, not ${shouldBe}`];
}

const listed = (readerIds: Iterable<string>): string => [...readerIds].toSorted().join();

/** While canaries return, nothing ends later than it is due, but for the time that a canary needs. */
function late(world: World, expected: Specified, chosen: Settings): string[] {
  if (!world.isObserved || expected.isHeld) return [];
  return [...expected.readers]
    .filter(([, reader]) => deadlineOf(reader, expected.receivingSince, chosen) < world.now.t - world.lag)
    .map(([readerId]) => `${readerId} is still ${expected.readers.get(readerId)!.state}`);
}

function note(expected: Specified): void {
  for (const { why, from, to } of expected.steps) {
    occurred.add(why);
    if (from === 'dead' && to !== null) occurred.add(`${why} from dead`);
  }
  for (const { flappingSince, state } of expected.readers.values())
    if (flappingSince) occurred.add(`flapping, ${state}`);
  if (expected.effects.refused.length > 0) occurred.add('refused');
}

describe(`the readers of a partition (FC_SEED=${seed} FC_RUNS=${runs})`, () => {
  it(
    'are as a plain computation from all that happened says, at each step of any trace',
    () => {
      fc.assert(
        fc.property(trace, settings, (events, chosen) => {
          expect(live(events, chosen)).toEqual([]);
        }),
        { numRuns: runs, seed },
      );
    },
    timeout,
  );

  it.runIf(runs >= 2_000)('have in these traces all that can happen to them', () => {
    expect([...occurred].toSorted()).toEqual([
      'deregistered',
      'deregistered from dead',
      'first_heartbeat',
      'flapping, dead',
      'flapping, gone',
      'flapping, live',
      'flapping, loading',
      'forgotten',
      'forgotten_on_request',
      'heartbeat_after_deregistration',
      'heartbeat_after_silence',
      'heartbeat_after_silence from dead',
      'missed_heartbeats',
      'next_incarnation',
      'next_incarnation from dead',
      'refused',
      'state_reported',
    ]);
  });
});
