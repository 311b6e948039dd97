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
  ])('leaves %s to node:http', (_, lines) => {
    expect(of(...lines)).toBeUndefined();
  });
});
