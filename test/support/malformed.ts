import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beat } from './beating.js';

/** A message that no service can read; `deadLetters`: how many dead letters it must cause. */
export interface Malformed {
  readonly content: Buffer;
  readonly properties: Record<string, unknown>;
  readonly deadLetters: number;
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const asJson = { contentType: 'application/json', type: 'reader.heartbeat' };
const one = (content: Buffer, properties: Record<string, unknown> = asJson): Malformed => ({
  content,
  properties,
  deadLetters: 1,
});

/** The id in malformed heartbeats. No good heartbeat has it. */
const NOT_A_READER = 'not-a-reader';

const REQUIRED = [
  'reader_id',
  'state',
  'consumer_name',
  'consumer_groups',
  'model_name',
  'model_type',
  'device',
  'pids',
  'heartbeat_wait_interval',
];

/** Values that are invalid for every member: of the wrong type or out of bounds. */
const nonsense = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1.5,
    1e308,
    {},
    { __proto__: null, constructor: { prototype: 1 } },
    [[]],
    [null],
    [1e40],
    '\ud800',
    '\u0000',
  ),
  fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true }),
  fc.dictionary(fc.string(), fc.integer()),
);

/** A heartbeat with one member that is wrong or missing. No other heartbeat has its reader. */
const badBeat = fc
  .record({ member: fc.constantFrom(...REQUIRED), value: nonsense, missing: fc.boolean() })
  .map(({ member, value, missing }) => {
    const whole: Record<string, unknown> = beat(NOT_A_READER);
    if (missing) delete whole[member];
    else whole[member] = value;
    return whole;
  });

/** Neither a JSON object nor an array. */
const noObject = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.string());

const protoText = JSON.stringify(beat(NOT_A_READER)).replace(
  `"reader_id":"${NOT_A_READER}"`,
  `"__proto__":{"reader_id":"${NOT_A_READER}","polluted":true}`,
);

const single: fc.Arbitrary<Malformed> = fc.oneof(
  { weight: 8, arbitrary: badBeat.map((bad) => one(json(bad))) },
  { weight: 3, arbitrary: noObject.map((value) => one(json(value))) },
  // Truncated.
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 150 }).map((length) => one(json(beat(NOT_A_READER)).subarray(0, length))),
  },
  // A byte that is not UTF-8, at any position.
  {
    weight: 3,
    arbitrary: fc
      .integer({ min: 15, max: 150 })
      .map((at) => one(Buffer.from(json(beat(NOT_A_READER))).fill(0xff, at, at + 1))),
  },
  {
    weight: 2,
    arbitrary: fc
      .uint8Array({ minLength: 1, maxLength: 200 })
      .map((bytes) => one(Buffer.concat([Buffer.from([0xfe]), bytes]))),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('text/plain', 'application/x-protobuf', 'application/jsonp', '')
      .map((contentType) => one(json(beat(NOT_A_READER)), { ...asJson, contentType })),
  },
  {
    weight: 1,
    arbitrary: fc.constant(one(gzipSync(json(beat(NOT_A_READER))), { ...asJson, contentEncoding: 'gzip' })),
  },
  { weight: 1, arbitrary: fc.constant(one(Buffer.from(protoText))) },
  { weight: 1, arbitrary: fc.constant(one(Buffer.alloc(0))) },
  { weight: 1, arbitrary: fc.constantFrom('[', '{"a":').map((open) => one(Buffer.from(open.repeat(20_000)))) },
  { weight: 1, arbitrary: fc.constant(one(Buffer.from(`${'['.repeat(5_000)}${']'.repeat(5_000)}`))) },
  {
    weight: 1,
    arbitrary: fc
      .dictionary(
        // The broker itself refuses these headers where they are no arrays.
        fc.string({ minLength: 1, maxLength: 20 }).filter((name) => !['CC', 'BCC'].includes(name)),
        fc.oneof(fc.string(), fc.integer({ min: -1_000, max: 1_000 }), fc.boolean()),
        { minKeys: 5, maxKeys: 60 },
      )
      .map((headers) => one(json({}), { ...asJson, headers, type: 'x'.repeat(255) })),
  },
);

/** An array of one to five invalid items and up to five valid heartbeats. */
const batch: fc.Arbitrary<Malformed> = fc
  .record({
    bad: fc.array(fc.oneof(badBeat, noObject), { minLength: 1, maxLength: 5 }),
    good: fc.array(fc.constantFrom(...goodIds()), { maxLength: 5 }),
  })
  .map(({ bad, good }) => ({
    content: json([...bad, ...good.map((id) => beat(id))]),
    properties: asJson,
    deadLetters: bad.length,
  }));

/** The readers whose good heartbeats lie among the bad ones. */
export function goodIds(): string[] {
  return Array.from({ length: 50 }, (_, index) => `good-${index}`);
}

/** `count` messages from a seed, a few of them very large. */
export function malformed({ count, seed }: { count: number; seed: number }): Malformed[] {
  const large = [
    one(Buffer.alloc(9 * 1_024 * 1_024, ' ')),
    one(Buffer.from(`"${'x'.repeat(2 * 1_024 * 1_024)}"`)),
    one(json(Array.from({ length: 10_001 }, () => 1))),
  ];
  return [
    ...large,
    ...fc.sample(fc.oneof({ weight: 9, arbitrary: single }, { weight: 1, arbitrary: batch }), {
      numRuns: count - large.length,
      seed,
    }),
  ];
}
