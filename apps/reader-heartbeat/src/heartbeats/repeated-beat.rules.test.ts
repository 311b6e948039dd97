import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reader } from '../liveness/reader.js';
import { ReaderTable } from '../liveness/reader-table.rules.js';
import type { Permission } from '../senders/sender.js';
import { decoded } from '../../test/support/decoded.js';
import { repeatedBeat } from './repeated-beat.rules.js';

type Item = Record<string, unknown>;

const message: Item = {
  reader_id: 'a',
  boot_id: 'boot',
  seq: 1,
  state: 'ready',
  consumer_name: 'a',
  consumer_groups: ['primary', 'spare'],
  model_name: 'llama',
  model_type: 'chat',
  device: 'cuda',
  pids: [1, 2],
  heartbeat_wait_interval: 10,
  sent_at: 1_795_218_553_000,
  backend: 'vllm',
};
const MEMBERS = Object.keys(message);

const settings = { heartbeatCheckInterval: 1, missedBeats: 3, readerMessageTimeoutMs: 500, retentionMs: 60_000 };
const permission: Permission = {
  countsFor: 'covering-keys',
  refusal: (readerId) => (readerId === 'not-mine' ? 'it is not mine' : undefined),
};
const bySchema = (items: unknown) => decoded(items, permission, () => undefined);

/** A table that knows the readers of these heartbeats. */
function tableOf(items: readonly Item[]): ReaderTable {
  const table = new ReaderTable(settings, 0);
  const { beats, refused } = decoded(items, { ...permission, refusal: () => undefined }, () => undefined);
  expect(refused).toEqual([]);
  for (const beat of beats) table.record(beat, { unix: 1, monotonic: 1 });
  return table;
}
const known = (): Reader => tableOf([message]).get('a')!;

/** What members may be, what is near it, and what anybody may send instead. */
const texts = [
  'a',
  'not-mine',
  '',
  'A',
  'boot',
  'ready',
  'loading',
  'stopping',
  'dead',
  'cuda',
  '\u0000',
  '\ud800',
  'vllm',
];
const numbers = [0, -0, 1, -1, 1.5, 10, NaN, 2 ** 31, 2 ** 53, 2 ** 53 - 1];
const lists = [[], [1, 2], [1, '2'], [1, 2, 3], [2, 1], ['primary', 'spare'], ['primary', ''], [[1], 2]];
const objects = [{}, { length: 2, 0: 1, 1: 2 }, { reader_id: 'a' }, { hf_token: 'x' }, { max_tokens: 1 }];
const values = fc.oneof(
  fc.constantFrom<unknown>(...texts, ...numbers, ...lists, ...objects, '1', true, null, undefined),
  fc.jsonValue(),
);

const often = <Usual, Other>(usual: fc.Arbitrary<Usual>, other: fc.Arbitrary<Other>): fc.Arbitrary<Usual | Other> =>
  fc.oneof({ weight: 2, arbitrary: usual }, other);

/** The known heartbeat, a later one, or one in which some members are others, or missing, or more. */
const items = fc
  .record({
    reader_id: often(fc.constant('a'), fc.constantFrom('not-mine', 'unknown')),
    seq: often(fc.nat(), values),
    state: often(fc.constantFrom('ready', 'loading', 'stopping'), values),
    changes: often(
      fc.constant({}),
      fc.dictionary(fc.constantFrom(...MEMBERS, 'config', '__proto__', 'constructor', 'temperature'), values, {
        maxKeys: 2,
      }),
    ),
    without: often(fc.constant([]), fc.subarray(MEMBERS, { maxLength: 1 })),
  })
  .map(({ reader_id, seq, state, changes, without }) => {
    const item: Item = { ...message, reader_id, seq, state, ...changes };
    for (const member of without) delete item[member];
    return item;
  });

describe('a heartbeat that repeats what is known of its reader', () => {
  it('is what the schema makes of it, and whatever the schema refuses is refused with the same reason', () => {
    let repeated = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: items }, values), { maxLength: 6 }), (some) => {
        const table = tableOf([message, { ...message, reader_id: 'not-mine' }]);
        const result = decoded(some, permission, (readerId) => table.get(readerId));
        expect(result).toEqual(bySchema(some));
        repeated += result.beats.filter(({ profile }) => profile === table.get('a')?.profile).length;
      }),
      { numRuns: 2_000 },
    );
    expect(repeated).toBeGreaterThan(500);
  });

  it('has the same effect, in any order with others', () => {
    fc.assert(
      fc.property(fc.array(items, { minLength: 1, maxLength: 12 }), fc.nat(4), (some, size) => {
        const [compared, judged] = [tableOf([message]), tableOf([message])];
        for (let from = 0; from < some.length; from += size + 1) {
          const batch = some.slice(from, from + size + 1);
          const at = { unix: from + 2, monotonic: from + 2 };
          const verdicts = (table: ReaderTable, beats: ReturnType<typeof bySchema>['beats']) =>
            beats.map((beat) => table.record(beat, at).kind);
          // Decoded before any of them is applied, as the consumer does it.
          const { beats } = decoded(batch, permission, (readerId) => compared.get(readerId));
          expect(verdicts(compared, beats)).toEqual(verdicts(judged, bySchema(batch).beats));
        }
        expect([...compared.all()]).toEqual([...judged.all()]);
        expect(compared.takeTransitions()).toEqual(judged.takeTransitions());
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps the description that is known, not a copy', () => {
    const reader = known();
    expect(repeatedBeat({ ...message, seq: 2 }, reader, 'no-key')?.profile).toBe(reader.profile);
  });

  it('is not compared with a description that was stored, until one that the schema has accepted confirms it', () => {
    const table = tableOf([message]);
    const restored = new ReaderTable(settings, 0);
    restored.restore([{ ...table.get('a')!, recent: [1, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN] }]);
    const reader = restored.get('a')!;
    expect(repeatedBeat({ ...message, seq: 2 }, reader, 'no-key')).toBeUndefined();
    restored.record(bySchema({ ...message, seq: 2 }).beats[0]!, { unix: 2, monotonic: 2 });
    expect(repeatedBeat({ ...message, seq: 3 }, reader, 'no-key')).toMatchObject({ seq: 3 });
  });
});
