// @ts-check
/** @typedef {import('./random.mjs').Random} Random */
/**
 * What a server sends for one message of its client. `then`: what it does afterwards, by default it waits; `flood`: it sends the bytes again
 * and again, `drip`: it sends them one by one.
 * @typedef {{ bytes: Buffer | ((asked: Buffer) => Buffer), then?: 'end' | 'reset' | 'flood' | 'drip' }} Turn
 */
/**
 * `greets`: the server speaks first. `http`: each turn answers one request, whatever its connection.
 * @typedef {{ what: string, turns: Turn[], greets?: boolean, http?: boolean }} Conversation
 */

/** Numbers that programs forget. */
const ODD = [0, 1, 3, 4, 5, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** What other servers say, and nonsense. */
const FOREIGN = [
  'HTTP/1.1 400 Bad Request\r\n\r\n',
  'SSH-2.0-OpenSSH_9.2\r\n',
  '\x15\x03\x01\x00\x02\x02\x28',
  '220 mail ESMTP\r\n',
  '-ERR unknown command\r\n',
  'N',
  'S',
  '\0\0\0\0\0\0\0\0',
];

/** Slow ones take a test's whole time: a few of them. */
const SLOW = 0.03;

/** A conversation that goes wrong, by chance. @param {Random} random @param {Conversation} valid @returns {Conversation} */
export function spoil(random, valid) {
  const at = random.int(valid.turns.length);
  const bytes = bytesOf(valid.turns[at]);
  const kinds = random.chance(SLOW) ? SLOW_KINDS : KINDS;
  const name = random.pick(Object.keys(kinds));
  const turn = /** @type {(random: Random, bytes: Buffer) => Turn} */ (kinds[name])(random, bytes);
  const turns = valid.turns.map((each, index) => (index === at ? turn : each));
  return { ...valid, what: `${valid.what}: turn ${at} ${name}`, turns };
}

/** @type {Record<string, (random: Random, bytes: Buffer) => Turn>} */
const KINDS = {
  truncated: (random, bytes) => ({
    bytes: bytes.subarray(0, random.int(bytes.length + 1)),
    then: random.pick(['end', 'reset']),
  }),
  flipped: (random, bytes) => {
    const changed = Buffer.from(bytes);
    for (let times = 1 + random.int(8); times > 0 && changed.length > 0; times -= 1)
      changed[random.int(changed.length)] = random.int(256);
    return { bytes: changed, then: 'end' };
  },
  'with an odd number': (random, bytes) => {
    const changed = Buffer.concat([bytes, Buffer.alloc(4)]);
    changed.writeUInt32BE(random.pick(ODD), random.int(Math.max(1, Math.min(bytes.length, 64))));
    return { bytes: changed, then: 'end' };
  },
  'with bytes between': (random, bytes) => {
    const at = random.int(bytes.length + 1);
    return {
      bytes: Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.int(64)), bytes.subarray(at)]),
      then: 'end',
    };
  },
  'without bytes': (random, bytes) => {
    const at = random.int(bytes.length + 1);
    return { bytes: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.int(16))]), then: 'end' };
  },
  twice: (_, bytes) => ({ bytes: Buffer.concat([bytes, bytes]), then: 'end' }),
  'of another server': (random) => ({ bytes: Buffer.from(random.pick(FOREIGN), 'latin1'), then: 'end' }),
  'of chance': (random) => ({ bytes: random.bytes(1 + random.int(2_000)), then: random.pick(['end', 'reset']) }),
  'of nothing': () => ({ bytes: Buffer.alloc(0), then: 'end' }),
};

/** @type {typeof KINDS} */
const SLOW_KINDS = {
  silent: () => ({ bytes: Buffer.alloc(0) }),
  dripping: (_, bytes) => ({ bytes, then: 'drip' }),
  'without an end': (_, bytes) => ({ bytes, then: 'flood' }),
  'half and silent': (random, bytes) => ({ bytes: bytes.subarray(0, random.int(bytes.length + 1)) }),
  'of chance without an end': (random) => ({ bytes: random.bytes(4_096), then: 'flood' }),
};

/** @param {Turn | undefined} turn */
const bytesOf = (turn) => (turn && Buffer.isBuffer(turn.bytes) ? turn.bytes : Buffer.alloc(0));
