// A Trino coordinator for one `SELECT 1`, and what may be wrong with it. (Trino documentation, "Client REST API".)
import { gzipSync } from 'node:zlib';
import { httpAnswer } from './http-answer.js';
import { spoil } from './spoil.js';
import type { Random } from './random.js';
import type { Conversation, Turn } from './spoil.js';

const json = (value: unknown) => httpAnswer(JSON.stringify(value), { 'content-type': 'application/json' });

/** The address of this server, from the request. */
const baseOf = (asked: Buffer): string =>
  `http://${/^host: (.*)\r$/im.exec(asked.toString('latin1'))?.[1] ?? '127.0.0.1'}`;
const next = (asked: Buffer) => json({ id: 'q', stats: {}, nextUri: `${baseOf(asked)}/v1/statement/1` });
const last = json({ id: 'q', stats: {}, columns: [{ name: '_col0', type: 'integer' }], data: [[1]] });

export const GOOD: Conversation = { what: 'good', http: true, turns: [{ bytes: next }, { bytes: last }] };

const answer = (bytes: Buffer): Turn[] => [{ bytes, after: 'end' }];

const OWN: ((random: Random) => Omit<Conversation, 'http'>)[] = [
  (random) => ({
    what: 'a page of another form',
    turns: answer(
      json(
        random.pick([
          null,
          1,
          [],
          '',
          { nextUri: 1 },
          { nextUri: {} },
          { error: 1 },
          { error: { message: [] } },
          { nextUri: null },
        ]),
      ),
    ),
  }),
  (random) => ({
    what: 'an odd address',
    turns: answer(
      json({
        nextUri: random.pick([
          '',
          'http://',
          'file:///etc/passwd',
          'http://169.254.169.254/',
          'http://127.0.0.1:1/',
          '//127.0.0.1:1/',
          'x'.repeat(100_000),
          'http://[',
          'data:,x',
          '/\\evil',
        ]),
      }),
    ),
  }),
  () => ({ what: 'an error of 1 MB', turns: answer(json({ error: { message: 'x'.repeat(1_000_000) } })) }),
  (random) => ({ what: 'nested arrays', turns: answer(httpAnswer('['.repeat(10_000 + random.int(500_000)))) }),
  (random) => ({
    what: 'nested objects',
    turns: answer(httpAnswer(`${'{"a":'.repeat(10_000 + random.int(100_000))}1`)),
  }),
  () => ({
    what: 'a million members',
    turns: answer(httpAnswer(`{${Array.from({ length: 80_000 }, (_, index) => `"k${index}":1`).join(',')}}`)),
  }),
  (random) => ({
    what: 'an odd status',
    turns: answer(
      httpAnswer(
        '{}',
        {},
        random.pick([
          '100 Continue',
          '101 Switching Protocols',
          '204 No Content',
          '301 Moved',
          '401 No',
          '500 Error',
          '999 Odd',
          '0 Zero',
          '99999 Five',
        ]),
      ),
    ),
  }),
  (random) => ({
    what: 'an odd length',
    turns: answer(
      httpAnswer('{"id":"q"}', {
        'content-length': random.pick(['0', '1', '-1', '99999999999999', 'x', '3, 4', '18446744073709551616']),
      }),
    ),
  }),
  () => ({
    what: 'headers of 1 MB',
    turns: answer(
      httpAnswer(
        '{}',
        Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`x-${index}`, 'x'.repeat(200)])),
      ),
    ),
  }),
  () => ({
    what: 'a compressed body',
    turns: answer(httpAnswer(gzipSync(Buffer.alloc(2 ** 23)), { 'content-encoding': 'gzip' })),
  }),
  (random) => ({
    what: 'odd chunks',
    turns: answer(
      Buffer.from(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${random.pick(['ffffffffffffffff', '-1', 'zz', '0', '7fffffff', '5;x=y'])}\r\nabcde\r\n`,
      ),
    ),
  }),
  (random) => ({
    what: 'an encoding that is none',
    turns: answer(httpAnswer(Buffer.concat([Buffer.from('{"id":"'), random.bytes(200), Buffer.from('"}')]))),
  }),
  () => ({
    what: 'a member __proto__',
    turns: answer(httpAnswer('{"__proto__":{"nextUri":"http://127.0.0.1:1/"},"constructor":{"prototype":{}}}')),
  }),
  () => ({
    what: 'pages without an end',
    turns: Array.from({ length: 2_000 }, (): Turn => ({ bytes: next, after: 'end' })),
  }),
  () => ({
    what: 'a body without an end',
    turns: [
      { bytes: Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), Buffer.alloc(65_536, '[')]), after: 'flood' },
    ],
  }),
  () => ({ what: 'headers without an end', turns: [{ bytes: Buffer.from('x-more: and more\r\n'), after: 'flood' }] }),
];

export function trinoAnswers(random: Random): Conversation {
  if (random.chance(0.5)) return { ...random.pick(OWN)(random), http: true };
  return spoil(
    random,
    random.chance(0.5)
      ? { what: 'the last page', http: true, turns: [{ bytes: last }] }
      : { what: 'two pages', http: true, turns: [{ bytes: next }, { bytes: last }] },
  );
}
