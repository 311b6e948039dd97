// A Postgres server for one `SELECT 1`, and what may be wrong with it. (PostgreSQL documentation, "Frontend/Backend Protocol".)
import { spoil } from './spoil.js';
import type { Random } from './random.js';
import type { Conversation } from './spoil.js';

/** @param parts numbers are 32 bits @param length that is stated */
function message(type: string, parts: readonly (string | Buffer | number)[], length?: number): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'number' ? int32(part) : Buffer.from(part))));
  return Buffer.concat([Buffer.from(type), int32(length ?? body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

const int16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);

const authentication = (...parts: (string | Buffer | number)[]) => message('R', parts);
const ready = message('Z', ['I']);
const loggedIn = Buffer.concat([
  authentication(0),
  message('S', ['server_version\0', '17.0\0']),
  message('K', [1, 2]),
  ready,
]);
const column = Buffer.concat([Buffer.from('?column?\0'), int32(0), int16(0), int32(23), int16(4), int32(-1), int16(0)]);
const description = message('T', [int16(1), column]);
const row = message('D', [int16(1), 1, '1']);
const answered = Buffer.concat([description, row, message('C', ['SELECT 1\0']), ready]);

/** Ways to log in that lead to the answer. */
const LOGINS = [
  { what: 'trust', turns: [loggedIn] },
  { what: 'password', turns: [authentication(3), loggedIn] },
  { what: 'md5', turns: [authentication(5, 'salt'), loggedIn] },
  {
    what: 'scram',
    turns: [authentication(10, 'SCRAM-SHA-256\0\0'), authentication(11, 'r=nonce,s=c2FsdA==,i=4096'), loggedIn],
  },
];

export const GOOD: Conversation = { what: 'good', turns: [loggedIn, answered].map((bytes) => ({ bytes })) };

/** The first message of SCRAM with the nonce of the client, and a number of iterations. */
const scramFirst = (iterations: string) => (asked: Buffer) => {
  const nonce = /r=([^,]*)/.exec(asked.toString('latin1'))?.[1] ?? '';
  return authentication(11, `r=${nonce}more,s=c2FsdA==,i=${iterations}`);
};

const OWN: ((random: Random) => Conversation)[] = [
  (random) => {
    const type = random.int(20);
    return { what: `authentication of type ${type}`, turns: [{ bytes: authentication(type), after: 'end' }] };
  },
  (random) => ({
    what: 'an authentication without its kind',
    turns: [{ bytes: message('R', [random.bytes(random.int(4))]), after: 'end' }],
  }),
  (random) => {
    const iterations = random.pick(['2147483647', '99999999999', '-1', '1e9', 'NaN', '0']);
    const bytes = scramFirst(iterations);
    return {
      what: `scram with ${iterations} iterations`,
      turns: [{ bytes: authentication(10, 'SCRAM-SHA-256\0\0') }, { bytes }],
    };
  },
  (random) => ({
    what: 'a message of an unknown type',
    turns: [
      {
        bytes: Buffer.concat([
          authentication(0),
          message(String.fromCharCode(33 + random.int(90)), [random.bytes(random.int(40))]),
        ]),
        after: 'end',
      },
    ],
  }),
  (random) => ({
    what: 'a message with an odd length',
    turns: [
      {
        bytes: Buffer.concat([
          authentication(0),
          message(
            random.pick(['S', 'K', 'Z', 'E', 'N', 'T', 'D']),
            [random.bytes(20)],
            random.pick([0, 1, 3, 4, 5, 0x7fffffff, 0x80000000, 0xffffffff]),
          ),
        ]),
        after: 'end',
      },
    ],
  }),
  (random) => ({
    what: 'a row with odd counts',
    turns: [
      { bytes: loggedIn },
      {
        bytes: Buffer.concat([
          description,
          message('D', [int16(random.pick([0, 2, 255, 0x7fff, 0xffff])), random.pick([-1, -2, 0x7fffffff]), '1']),
          ready,
        ]),
        after: 'end',
      },
    ],
  }),
  (random) => ({
    what: 'a description with odd counts',
    turns: [
      { bytes: loggedIn },
      {
        bytes: Buffer.concat([message('T', [int16(random.pick([0, 2, 255, 0x7fff, 0xffff])), column]), row, ready]),
        after: 'end',
      },
    ],
  }),
  (random) => ({
    what: 'a copy or a message out of order',
    turns: [
      { bytes: loggedIn },
      {
        bytes: message(random.pick(['G', 'H', 'W', 'd', 'c', 't', 'n', 's', '1', '2', '3', 'A', 'V']), [
          random.bytes(8),
        ]),
        after: 'end',
      },
    ],
  }),
  () => ({
    what: 'an error of 8 MiB',
    turns: [{ bytes: message('E', [`SERROR\0M${'x'.repeat(2 ** 23)}\0\0`]), after: 'end' }],
  }),
  () => ({
    what: 'a message of 2 GiB',
    turns: [{ bytes: Buffer.concat([Buffer.from('E'), int32(0x7fffffff), Buffer.alloc(65_536, 'x')]), after: 'flood' }],
  }),
  () => ({
    what: 'rows without an end',
    turns: [{ bytes: loggedIn }, { bytes: description }, { bytes: row, after: 'flood' }],
  }),
  () => ({ what: 'notices without an end', turns: [{ bytes: message('N', ['SNOTICE\0Mx\0\0']), after: 'flood' }] }),
  () => ({
    what: 'parameters without an end',
    turns: [
      {
        bytes: Buffer.concat(
          Array.from({ length: 1_000 }, (_, index) => message('S', [`name${index}\0`, 'x'.repeat(50), '\0'])),
        ),
        after: 'flood',
      },
    ],
  }),
];

/** Of these a test takes its whole time. */
const OWN_SLOW = 4;

export function postgresAnswers(random: Random): Conversation {
  if (random.chance(0.35))
    return random.pick(random.chance(0.1) ? OWN.slice(-OWN_SLOW) : OWN.slice(0, -OWN_SLOW))(random);
  const { what, turns } = random.pick(LOGINS);
  return spoil(random, { what, turns: [...turns, answered].map((bytes) => ({ bytes })) });
}
