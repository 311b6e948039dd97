import { describe, expect, it } from 'vitest';
import { headIn } from './request-head.js';

const of = (...lines: string[]) => headIn(Buffer.from(lines.join('\r\n'), 'latin1'));

describe('headIn', () => {
  it('returns the first request, as node:http has it', () => {
    expect(of('POST /v1/keys?x=1 HTTP/1.1', 'Host: x', 'X-API-Key:  abc\t', 'content-length: 2', '', 'ab')).toEqual({
      method: 'POST',
      url: '/v1/keys?x=1',
      headers: { host: 'x', 'x-api-key': 'abc', 'content-length': '2' },
    });
  });

  it.each([
    ['an incomplete head', ['GET /v1/keys HTTP/1.1', 'Host: x', '']],
    ['a repeated header', ['GET /v1/keys HTTP/1.1', 'X-Api-Key: a', 'x-api-key: b', '', '']],
    ['a header without a name', ['GET /v1/keys HTTP/1.1', ': a', '', '']],
    ['a header over two lines', ['GET /v1/keys HTTP/1.1', 'Host: x', 'X-Api-Key: a', ' b', '', '']],
    ['another version', ['GET /v1/keys HTTP/1.0', 'Host: x', '', '']],
    ['a whole URL', ['GET http://x/v1/keys HTTP/1.1', 'Host: x', '', '']],
    ['what is no request', ['', '', '']],
    ['a head that is larger than node:http takes', ['GET / HTTP/1.1', `x: ${'y'.repeat(17_000)}`, '', '']],
  ])('leaves %s to node:http', (_, lines) => {
    expect(of(...lines)).toBeUndefined();
  });

  it('keeps blanks within a value and others than space and tab at its ends, as node:http does', () => {
    expect(of('GET / HTTP/1.1', 'a: \t x  y\t ', 'b:\u00a0x\u00a0', 'c:', 'd: \t', '', '')?.headers).toEqual({
      a: 'x  y',
      b: '\u00a0x\u00a0',
      c: '',
      d: '',
    });
  });

  // Where each space is tried as the begin of the end it takes a quarter of a second for each.
  it('reads values with thousands of spaces without delay', { timeout: 5_000 }, () => {
    const value = `x${' '.repeat(16_000)}y`;
    for (let times = 0; times < 40; times += 1)
      expect(of('GET / HTTP/1.1', `a: ${value}`, '', '')?.headers).toEqual({ a: value });
  });
});
