// A MySQL server for one `SELECT 1`, and what may be wrong with it. (MySQL documentation, "Client/Server Protocol".)
import { spoil } from './spoil.js';
import type { Random } from './random.js';
import type { Conversation } from './spoil.js';

/** @param length that is stated */
function packet(sequence: number, parts: readonly (string | Buffer | number[])[], length?: number): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );
  const stated = length ?? body.length;
  return Buffer.concat([
    Buffer.from([stated & 0xff, (stated >> 8) & 0xff, (stated >> 16) & 0xff, sequence & 0xff]),
    body,
  ]);
}

const greeting = (plugin: string, version = 10): Buffer =>
  packet(0, [
    [version],
    '8.0.36\0',
    [1, 0, 0, 0],
    'saltsalt',
    [0, 0xff, 0xf7, 0x21, 2, 0, 0xff, 0xdf, 21],
    Buffer.alloc(10),
    'saltsaltsalt\0',
    `${plugin}\0`,
  ]);
const ok = (sequence: number) => packet(sequence, [[0, 0, 0, 2, 0, 0, 0]]);
const eof = (sequence: number) => packet(sequence, [[0xfe, 0, 0, 2, 0]]);
const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const column = (sequence: number) =>
  packet(sequence, [
    text('def'),
    text(''),
    text(''),
    text(''),
    text('1'),
    text(''),
    [0x0c, 63, 0, 1, 0, 0, 0, 8, 0x81, 0, 0, 0, 0],
  ]);
const answered = Buffer.concat([packet(1, [[1]]), column(2), eof(3), packet(4, [text('1')]), eof(5)]);

const LOGINS = [
  { what: 'native', turns: [greeting('mysql_native_password'), ok(2)] },
  { what: 'sha2 fast', turns: [greeting('caching_sha2_password'), Buffer.concat([packet(2, [[1, 3]]), ok(3)])] },
  {
    what: 'sha2 full',
    turns: [
      greeting('caching_sha2_password'),
      packet(2, [[1, 4]]),
      packet(4, [[1], '-----BEGIN PUBLIC KEY-----\nMFww\n-----END PUBLIC KEY-----\n']),
      ok(6),
    ],
  },
  {
    what: 'switched',
    turns: [
      greeting('caching_sha2_password'),
      packet(2, [[0xfe], 'mysql_native_password\0', 'saltsaltsaltsaltsalt\0']),
      ok(4),
    ],
  },
];

export const GOOD: Conversation = {
  what: 'good',
  greets: true,
  turns: [greeting('mysql_native_password'), ok(2), answered].map((bytes) => ({ bytes })),
};

const NATIVE = [greeting('mysql_native_password'), ok(2)].map((bytes) => ({ bytes }));

const OWN: ((random: Random) => Omit<Conversation, 'greets'>)[] = [
  (random) => ({
    what: 'a greeting of another version',
    turns: [{ bytes: greeting('mysql_native_password', random.int(256)), after: 'end' }],
  }),
  (random) => ({
    what: 'an unknown plugin',
    turns: [
      {
        bytes: greeting(
          random.pick([
            '',
            'x'.repeat(5_000),
            '__proto__',
            'constructor',
            'sha256_password',
            'mysql_clear_password',
            'dialog',
          ]),
        ),
      },
      { bytes: ok(2) },
    ],
  }),
  (random) => ({
    what: 'a switch to an odd plugin',
    turns: [
      { bytes: greeting('mysql_native_password') },
      {
        bytes: packet(2, [
          [0xfe],
          `${random.pick(['__proto__', 'constructor', 'mysql_clear_password', 'sha256_password', '', 'x'])}\0`,
          random.bytes(random.int(40)),
        ]),
        after: 'end',
      },
    ],
  }),
  (random) => ({
    what: 'more authentication data',
    turns: [
      { bytes: greeting('caching_sha2_password') },
      { bytes: packet(2, [[1], random.bytes(random.int(300))]), after: 'end' },
    ],
  }),
  () => ({
    what: 'a request for a file',
    turns: [...NATIVE, { bytes: packet(1, [[0xfb], '/etc/passwd']), after: 'end' }],
  }),
  (random) => ({
    what: 'an error',
    turns: [{ bytes: packet(0, [[0xff], random.bytes(random.int(600))]), after: 'end' }],
  }),
  (random) => ({
    what: 'a wrong sequence',
    turns: [
      ...NATIVE,
      {
        bytes: Buffer.concat([packet(random.int(256), [[1]]), column(random.int(256)), eof(random.int(256))]),
        after: 'end',
      },
    ],
  }),
  (random) => ({
    what: 'an odd number of columns',
    turns: [
      ...NATIVE,
      {
        bytes: Buffer.concat([packet(1, [[random.pick([0xfc, 0xfd, 0xfe]), ...random.bytes(8)]]), column(2), eof(3)]),
        after: 'end',
      },
    ],
  }),
  (random) => ({
    what: 'a row with an odd length',
    turns: [
      ...NATIVE,
      {
        bytes: Buffer.concat([
          packet(1, [[1]]),
          column(2),
          eof(3),
          packet(4, [[random.pick([0xfb, 0xfc, 0xfd, 0xfe]), ...random.bytes(random.int(12))]]),
        ]),
        after: 'end',
      },
    ],
  }),
  (random) => ({
    what: 'an odd type of column',
    turns: [
      ...NATIVE,
      {
        bytes: Buffer.concat([
          packet(1, [[1]]),
          packet(2, [
            text('def'),
            text(''),
            text(''),
            text(''),
            text('1'),
            text(''),
            [random.int(256), ...random.bytes(12)],
          ]),
          eof(3),
          packet(4, [text('1'), random.bytes(random.int(20))]),
          eof(5),
        ]),
        after: 'end',
      },
    ],
  }),
  () => ({
    what: 'packets of 16 MiB without an end',
    turns: [...NATIVE, { bytes: packet(1, [Buffer.alloc(65_536, 'x')], 0xffffff), after: 'flood' }],
  }),
  () => ({
    what: 'columns without an end',
    turns: [
      ...NATIVE,
      {
        bytes: Buffer.concat([
          packet(1, [[0xfd, 0xff, 0xff, 0xff]]),
          ...Array.from({ length: 200 }, (_, index) => column(index + 2)),
        ]),
        after: 'flood',
      },
    ],
  }),
  () => ({
    what: 'rows without an end',
    turns: [
      ...NATIVE,
      { bytes: Buffer.concat([packet(1, [[1]]), column(2), eof(3)]) },
      { bytes: packet(4, [text('1')]), after: 'flood' },
    ],
  }),
];
/** Of these a test takes its whole time. */
const OWN_SLOW = 3;

export function mysqlAnswers(random: Random): Conversation {
  if (random.chance(0.35))
    return {
      ...random.pick(random.chance(0.1) ? OWN.slice(-OWN_SLOW) : OWN.slice(0, -OWN_SLOW))(random),
      greets: true,
    };
  const { what, turns } = random.pick(LOGINS);
  return spoil(random, { what, greets: true, turns: [...turns, answered].map((bytes) => ({ bytes })) });
}
