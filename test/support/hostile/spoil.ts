import type { Random } from './random.js';
/** What a server sends for one message of its client. */
export interface Turn {
  readonly bytes: Buffer | ((asked: Buffer) => Buffer);
  /** What it does afterwards; by default it waits. `flood`: it sends the bytes again and again; `drip`: it sends them one by one. */
  readonly after?: 'end' | 'reset' | 'flood' | 'drip';
}

export interface Conversation {
  readonly what: string;
  readonly turns: readonly Turn[];
  /** The server speaks first. */
  readonly greets?: boolean;
  /** Each turn answers one request, whatever its connection. */
  readonly http?: boolean;
}

type Spoil = (random: Random, bytes: Buffer) => Turn;

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

/** A conversation that goes wrong, by chance. */
export function spoil(random: Random, valid: Conversation): Conversation {
  const at = random.int(valid.turns.length);
  const bytes = bytesOf(valid.turns[at]);
  const kinds = random.chance(SLOW) ? SLOW_KINDS : KINDS;
  const name = random.pick(Object.keys(kinds));
  const turn = kinds[name]!(random, bytes);
  const turns = valid.turns.map((each, index) => (index === at ? turn : each));
  return { ...valid, what: `${valid.what}: turn ${at} ${name}`, turns };
}

const KINDS: Readonly<Record<string, Spoil>> = {
  truncated: (random, bytes) => ({
    bytes: bytes.subarray(0, random.int(bytes.length + 1)),
    after: random.pick(['end', 'reset']),
  }),
  flipped: (random, bytes) => {
    const changed = Buffer.from(bytes);
    for (let times = 1 + random.int(8); times > 0 && changed.length > 0; times -= 1)
      changed[random.int(changed.length)] = random.int(256);
    return { bytes: changed, after: 'end' };
  },
  'with an odd number': (random, bytes) => {
    const changed = Buffer.concat([bytes, Buffer.alloc(4)]);
    changed.writeUInt32BE(random.pick(ODD), random.int(Math.max(1, Math.min(bytes.length, 64))));
    return { bytes: changed, after: 'end' };
  },
  'with bytes between': (random, bytes) => {
    const at = random.int(bytes.length + 1);
    return {
      bytes: Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.int(64)), bytes.subarray(at)]),
      after: 'end',
    };
  },
  'without bytes': (random, bytes) => {
    const at = random.int(bytes.length + 1);
    return { bytes: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.int(16))]), after: 'end' };
  },
  twice: (_, bytes) => ({ bytes: Buffer.concat([bytes, bytes]), after: 'end' }),
  'of another server': (random) => ({ bytes: Buffer.from(random.pick(FOREIGN), 'latin1'), after: 'end' }),
  'of chance': (random) => ({ bytes: random.bytes(1 + random.int(2_000)), after: random.pick(['end', 'reset']) }),
  'of nothing': () => ({ bytes: Buffer.alloc(0), after: 'end' }),
};

const SLOW_KINDS: typeof KINDS = {
  silent: () => ({ bytes: Buffer.alloc(0) }),
  dripping: (_, bytes) => ({ bytes, after: 'drip' }),
  'without an end': (_, bytes) => ({ bytes, after: 'flood' }),
  'half and silent': (random, bytes) => ({ bytes: bytes.subarray(0, random.int(bytes.length + 1)) }),
  'of chance without an end': (random) => ({ bytes: random.bytes(4_096), after: 'flood' }),
};

const bytesOf = (turn: Turn | undefined): Buffer =>
  turn && Buffer.isBuffer(turn.bytes) ? turn.bytes : Buffer.alloc(0);
