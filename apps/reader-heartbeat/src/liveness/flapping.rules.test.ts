import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calm, flappingEnd, noteChange } from './flapping.rules.js';
import type { Reader } from './reader.js';
import { noBeats } from './recent-beats.rules.js';

const settings = { heartbeatCheckInterval: 1, missedBeats: 3, readerMessageTimeoutMs: 500, retentionMs: 3_600_000 };
/** Ten leases of three intervals of 2 s and 500 ms. */
const WINDOW_MS = 65_000;

const at = (ms: number) => ({ unix: 1_795_000_000_000 + ms, monotonic: ms });
const newReader = (): Reader => ({
  readerId: 'a',
  profile: {
    consumerName: 'a',
    consumerGroups: [],
    modelName: 'm',
    modelType: 'chat',
    device: 'cpu',
    backend: null,
    pids: [],
    waitInterval: 2,
  },
  state: 'live',
  since: at(0),
  bootId: null,
  seq: null,
  endedBoots: [],
  changes: [],
  flappingSince: null,
  receivedAt: at(0),
  recent: noBeats(),
  configDigest: null,
  unstoredConfig: undefined,
  queuedAt: NaN,
  tick: 0,
});
const changedAt = (...times: number[]): Reader => {
  const reader = newReader();
  for (const time of times) noteChange(reader, { before: 'dead', at: at(time) }, settings);
  return reader;
};

/** What the rule says, with all that ever happened at hand. */
function isFlapping(times: readonly number[], now: number): boolean {
  let flapping = false;
  for (const [index, time] of times.entries()) {
    if (time - (times[index - 1] ?? time) >= WINDOW_MS) flapping = false;
    if (time - (times[index - 3] ?? -Infinity) <= WINDOW_MS) flapping = true;
  }
  return flapping && now - (times.at(-1) ?? -Infinity) < WINDOW_MS;
}

describe('flapping', () => {
  it('begins with the fourth change within ten leases', () => {
    expect(changedAt(0, 1, 2).flappingSince).toBeNull();
    expect(changedAt(0, 1, 2, WINDOW_MS).flappingSince).toEqual(at(WINDOW_MS));
    expect(changedAt(0, 1, 2, WINDOW_MS + 1).flappingSince).toBeNull();
  });

  it('ends when the state has not changed for ten leases, with the interval that the reader has then', () => {
    const reader = changedAt(0, 1, 2, 3);
    expect(flappingEnd(reader, settings)).toBe(3 + WINDOW_MS);
    expect(calm(reader, at(2 + WINDOW_MS), settings)).toBe(false);
    reader.profile = { ...reader.profile, waitInterval: 1 };
    expect(flappingEnd(reader, settings)).toBe(3 + 35_000);
    expect(calm(reader, at(3 + 35_000), settings)).toBe(true);
    expect(flappingEnd(reader, settings)).toBe(Infinity);
  });

  it('is not caused by deregistrations, or by the return from them', () => {
    const reader = changedAt(0, 1, 2);
    reader.state = 'gone';
    noteChange(reader, { before: 'live', at: at(3) }, settings);
    reader.state = 'loading';
    noteChange(reader, { before: 'gone', at: at(4) }, settings);
    expect(reader).toMatchObject({ changes: [at(0), at(1), at(2)], flappingSince: null });
  });

  it('follows from the last four changes as from all of them', () => {
    const gaps = fc.array(fc.oneof(fc.nat(30_000), fc.nat(2 * WINDOW_MS), fc.constant(WINDOW_MS)), { maxLength: 30 });
    fc.assert(
      fc.property(gaps, fc.nat(2 * WINDOW_MS), (between, rest) => {
        let now = 0;
        const times = between.map((gap) => (now += gap));
        const reader = changedAt(...times);
        expect(reader.changes.length).toBeLessThanOrEqual(4);
        expect(reader.flappingSince !== null).toBe(isFlapping(times, now));
        calm(reader, at(now + rest), settings);
        expect(reader.flappingSince !== null).toBe(isFlapping(times, now + rest));
      }),
    );
  });
});
