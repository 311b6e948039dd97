import { readersOf } from '@signalbox/contracts/rights';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CountsFor, ReaderKey } from '../senders/sender.js';
import { ReaderPlaces, type ReaderLimits } from './reader-places.rules.js';

const key = (id: string, pattern: string, expiresAt = Infinity): ReaderKey => ({
  id,
  pattern,
  covers: readersOf(pattern),
  expiresAt,
});

/** The readers and keys themselves, counted again for each question. */
class Naive {
  readonly readers = new Set<string>();
  keys: readonly ReaderKey[] = [];

  constructor(private readonly limits: ReaderLimits) {}

  fullFor(readerId: string, countsFor: CountsFor, now: number): keyof ReaderLimits | undefined {
    if (this.readers.size >= this.limits.all) return 'all';
    if (countsFor === 'no-key') return undefined;
    const keys =
      countsFor === 'covering-keys'
        ? this.keys.filter(({ covers, expiresAt }) => covers(readerId) && expiresAt > now)
        : [countsFor];
    const isFull = ({ covers }: ReaderKey): boolean => [...this.readers].filter(covers).length >= this.limits.perKey;
    return keys.length > 0 && keys.every(isFull) ? 'perKey' : undefined;
  }
}

/** One each. */
const withPlaces = (readerIds: Iterable<string>): [string, number][] => Array.from(readerIds, (id) => [id, 1]);

const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 1, maxLength: 4 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*'), minLength: 1, maxLength: 4 });
const keys = fc.array(fc.record({ pattern, expiresAt: fc.constantFrom(10, 20, Infinity) }), { maxLength: 5 });
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('beat' as const), readerId: text, by: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('forgotten' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('keys' as const), keys }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('time' as const), now: fc.constantFrom(5, 15, 25) }) },
);

describe('ReaderPlaces', () => {
  it('agrees with counting all readers again, for any order of new and forgotten readers and changes of keys', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.nat(6), fc.nat(3), (events, all, perKey) => {
        const places = new ReaderPlaces({ all, perKey });
        const naive = new Naive({ all, perKey });
        const answers: { given: unknown; expected: unknown }[] = [];
        let now = 5;
        for (const each of events) {
          if (each.is === 'time') now = each.now;
          else if (each.is === 'keys') {
            naive.keys = each.keys.map((made, index) => key(`key_${index}`, made.pattern, made.expiresAt));
            places.setKeys(naive.keys, withPlaces(naive.readers));
          } else if (each.is === 'forgotten') {
            const readerId = [...naive.readers][each.which];
            if (readerId === undefined) continue;
            naive.readers.delete(readerId);
            places.removed(readerId);
          } else if (!naive.readers.has(each.readerId)) {
            const countsFor = naive.keys[each.by] ?? (each.by % 2 === 0 ? 'covering-keys' : 'no-key');
            const limit = places.fullFor(each.readerId, countsFor, now);
            answers.push({ given: limit, expected: naive.fullFor(each.readerId, countsFor, now) });
            if (limit !== undefined) continue;
            naive.readers.add(each.readerId);
            places.added(each.readerId);
          }
        }
        expect(answers.map(({ given }) => given)).toEqual(answers.map(({ expected }) => expected));
      }),
      { numRuns: 2_000 },
    );
  });

  it('counts a reader for each key that covers it, so that a rotated key has the readers that it had', () => {
    const places = new ReaderPlaces({ all: 100, perKey: 2 });
    const before = key('key_1', 'team-a-*');
    places.setKeys([before], []);
    for (const readerId of ['team-a-0', 'team-a-1']) places.added(readerId);
    const after = key('key_2', 'team-a-*');
    places.setKeys([before, after], withPlaces(['team-a-0', 'team-a-1']));
    expect(places.fullFor('team-a-2', after, 0)).toBe('perKey');
    places.setKeys([after], withPlaces(['team-a-0', 'team-a-1']));
    expect(places.fullFor('team-a-2', after, 0)).toBe('perKey');
    places.removed('team-a-0');
    expect(places.fullFor('team-a-2', after, 0)).toBeUndefined();
  });

  it('has a place for a reader of an unknown sender if one of the keys that cover it has, or none covers it', () => {
    const places = new ReaderPlaces({ all: 100, perKey: 1 });
    places.setKeys([key('key_1', 'team-*'), key('key_2', 'team-a-*')], []);
    places.added('team-b-0');
    expect(places.fullFor('team-b-1', 'covering-keys', 0)).toBe('perKey');
    expect(places.fullFor('team-a-1', 'covering-keys', 0)).toBeUndefined();
    expect(places.fullFor('other', 'covering-keys', 0)).toBeUndefined();
    expect(places.fullFor('team-b-1', 'no-key', 0)).toBeUndefined();
  });
});
