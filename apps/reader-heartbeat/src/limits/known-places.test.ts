import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ReaderKey } from '../senders/sender.js';
import { KnownPlaces } from './known-places.js';

const MOST = 100_000;
const key = (pattern: string): ReaderKey =>
  ({ pattern, covers: (id: string) => id.startsWith(pattern.slice(0, -1)), expiresAt: Infinity }) as ReaderKey;

function start() {
  let changed = (): void => undefined;
  const senders = { keys: [key('a-*')], onKeys: (listener: () => void) => (changed = listener) };
  const limits = { SIGNALBOX_MAX_READERS: MOST, SIGNALBOX_MAX_READERS_PER_KEY: MOST };
  const known = new KnownPlaces(senders as never, limits as never);
  const setKeys = (keys: ReaderKey[]) => {
    senders.keys = keys;
    changed();
  };
  return { known, setKeys };
}
/** A partition whose readers are counted. */
function partition(known: KnownPlaces, count: number) {
  const readers = Array.from({ length: count }, (_, n) => [`a-${n}`, 1] as const);
  const partition = { places: () => readers };
  known.join(partition);
  for (const [id, places] of readers) known.places.added(id, places);
  return partition;
}
/** How many readers are counted for a key. */
function counted(known: KnownPlaces, by: ReaderKey): number {
  let [least, most] = [0, MOST];
  while (least < most) {
    const places = Math.ceil((least + most) / 2);
    if (known.places.fullFor('a-new', by, 0, places) === undefined) least = places;
    else most = places - 1;
  }
  return MOST - least;
}

describe('KnownPlaces', () => {
  it('count the readers of a partition no more that leaves, in several turns of the event loop, and those of others on', async () => {
    const { known, setKeys } = start();
    const leaving = partition(known, 60_000);
    partition(known, 5);
    const left = known.leave(leaving);
    const again = known.leave(leaving);
    const seen = new Set<number>();
    const keys = [key('a-*'), key('a*')];
    for (;;) {
      const count = counted(known, keys[0]!);
      seen.add(count);
      if (count < 65_000 && seen.size === 2) setKeys(keys);
      if (count === 5) break;
      await nextTurn();
    }
    await Promise.all([left, again]);
    expect(seen.size).toBeGreaterThan(2);
    expect(keys.map((each) => counted(known, each))).toEqual([5, 5]);
  });
});
