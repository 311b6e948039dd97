import fc from 'fast-check';

/** Without halves of surrogate pairs, which a URL cannot hold. */
export const wellFormed = (text: string): string => Buffer.from(text).toString();

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);

/** Texts at the borders of what a text may be. */
export const oddTexts = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '\u202e\u200b\ufeff',
  '😀'.repeat(40),
  '\r\nx-injected: 1',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  '-1',
  '0x10',
  '1e400',
  'NaN',
  '${PATH}',
  "'; DROP TABLE api_key; --",
  '%00',
  'x'.repeat(64),
  'x'.repeat(101),
  'é'.repeat(256),
  'x'.repeat(5_000),
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '2026-02-30T00:00:00Z',
  'https://user:password@[::1]:0/',
  'postgres://u:p@127.0.0.1:1/d',
];

/** Values of every type at the borders of what JSON can hold. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...oddTexts) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      -0,
      -1,
      0.5,
      2_147_483_648,
      9_007_199_254_740_993,
      -9_223_372_036_854_775_809,
      1e308,
      5e-324,
      {},
      [],
      [null],
      [[]],
      { '': '' },
      JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": null}}'),
      JSON.parse(nested(200, '[', ']')),
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** Bodies that are no JSON, or JSON of an unusual size or encoding. */
export const oddBody: fc.Arbitrary<Buffer> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .constantFrom(
        '',
        ' ',
        '{',
        '{"name"',
        'null',
        'true',
        '"text"',
        '[]',
        '[{}]',
        '{}{}',
        '{"name":1e999999}',
        '{"name":"a","name":{}}',
        '{"name":"\\ud800"}',
        '\ufeff{}',
        "{'name': 1}",
        '{"__proto__":{"name":"a"}}',
        '{"constructor":{"prototype":{}}}',
        'name=a&role=admin',
        nested(5_000, '[', ']'),
        nested(50_000, '{"name":', '').concat('1', '}'.repeat(50_000)),
        nested(100_000, '[', ''),
      )
      .map((text) => Buffer.from(text)),
  },
  { weight: 4, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 2, arbitrary: fc.constant(Buffer.from('{"name":"\xff\xfe\x80"}', 'latin1')) },
  { weight: 1, arbitrary: fc.constant(Buffer.from(`{"name":"${'x'.repeat(1_500_000)}"}`)) },
  { weight: 1, arbitrary: fc.constant(Buffer.from(`{"name":"${'x'.repeat(2_500_000)}"}`)) },
);

/** One segment of a path as it is sent: no slash, no question mark, not empty. */
export const oddSegment: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '%00',
    'a%00b',
    '%ED%A0%80',
    '%FF',
    '%E0%A4%A',
    '%',
    '%zz',
    '%2e%2e',
    '%2e',
    '%2f',
    '%2F..%2Fv1',
    '%5c..',
    '%252e',
    '%25',
    '%0d%0aa:b',
    '%20',
    '+',
    '*',
    '~',
    ';a=b',
    ':id',
    '{id}',
    'x'.repeat(300),
    'x'.repeat(1_001),
    '%F0%9F%98%80'.repeat(30),
  ),
  fc
    .oneof(fc.constantFrom(...oddTexts), fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }))
    .map((text) => encodeURIComponent(wellFormed(text)).slice(0, 3_000))
    .map((text) => (['', '.', '..'].includes(text) ? '%20' : text)),
);

/** A query as it is sent, without the question mark. */
export const oddQuery: fc.Arbitrary<string> = fc.constantFrom(
  '',
  '&',
  '=',
  '?',
  'unknown=1',
  'reload',
  'reload=%00',
  'wait=%ff',
  'wait[]=1',
  'wait[__proto__][x]=1',
  '__proto__=1',
  'limit=1&limit=2',
  'limit=%',
  `limit=${'9'.repeat(400)}`,
  `x=${'y'.repeat(4_000)}`,
  'a=1&'.repeat(1_500),
);

/** Headers that no operation asks for. */
export const oddHeaders: fc.Arbitrary<Record<string, string>> = fc.constantFrom<Record<string, string>>(
  { accept: 'text/html' },
  { accept: '*/*;q=nonsense' },
  { 'accept-encoding': 'br;q=0, identity;q=0' },
  { 'accept-language': '\xff\xfe' },
  { 'content-encoding': 'gzip' },
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-type': 'application/jsonp' },
  { 'content-type': ';;;' },
  { 'content-type': 'application/json, text/plain' },
  { cookie: 'signalbox_session=%00; =; ;;' },
  { origin: 'null' },
  { forwarded: 'for="_gazonk"' },
  { 'x-forwarded-for': '999.1.1.1, ::1' },
  { 'x-forwarded-host': 'a/b' },
  { 'x-request-id': '\xff'.repeat(300) },
  { traceparent: '00-zz-zz-99' },
  { 'if-none-match': '*' },
  { 'if-none-match': `W/"${'"'.repeat(200)}` },
  { 'if-match': '*' },
  { 'if-match': '"99999999999999999999"' },
  { 'if-match': '\xff, "1", W/"1"' },
  { 'if-modified-since': 'yesterday' },
  { range: 'bytes=0-0' },
  { 'idempotency-key': 'k'.repeat(3_000) },
  { 'idempotency-key': '\xe9' },
  { 'x-http-method-override': 'DELETE' },
  { 'transfer-encoding': 'chunked' },
);
