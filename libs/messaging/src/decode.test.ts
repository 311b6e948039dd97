import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { decode, decodeJson } from './decode.js';

const raw = (text: string | Buffer, contentType?: string) => ({
  content: Buffer.from(text),
  contentType,
  contentEncoding: undefined,
});
const judge = (text: string, schema: z.ZodType) => decode(raw(text), schema, 1_000);

describe('decodeJson', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON', undefined])(
    'reads JSON sent as %s',
    (contentType) => {
      expect(decodeJson(raw('{"a":[1,"ä"]}', contentType), 100)).toEqual({ ok: true, body: { a: [1, 'ä'] } });
    },
  );

  it.each(['text/plain', 'application/jsonp', 'application/octet-stream'])('refuses %s', (contentType) => {
    expect(decodeJson(raw('{}', contentType), 100)).toMatchObject({ ok: false, reason: 'wrong-content-type' });
  });

  it('refuses by size before looking, and what is no UTF-8 or JSON, without quoting it', () => {
    expect(decodeJson(raw('x'.repeat(101)), 100)).toMatchObject({
      reason: 'too-large',
      detail: '101 bytes, at most 100 are read',
    });
    expect(decodeJson(raw(Buffer.from([0xc3, 0x28])), 100)).toMatchObject({ reason: 'not-utf8' });
    expect(decodeJson(raw('secret'), 100)).toEqual({ ok: false, reason: 'not-json', detail: 'the body is not JSON' });
  });

  it.each([
    '{"__proto__":{"x":1},"a":{"__proto__":[2]}}',
    '{"\\u005f_proto__":{"x":1},"a":{"_\\u005Fpro\\u0074o__":1}}',
  ])('drops __proto__ from %s', (text) => {
    const decoded = decodeJson(raw(text), 1_000);
    if (!decoded.ok) throw new Error(decoded.detail);
    const copy = Object.assign({}, decoded.body) as { x?: number; a: object };
    expect(copy).toEqual({ a: {} });
    expect(copy.x).toBeUndefined();
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });
});

describe('decode', () => {
  it('names the places that are wrong, not their values', () => {
    const schema = z.strictObject({ list: z.array(z.object({ id: z.string() })), kind: z.enum(['a', 'b']) });
    const decoded = judge('{"list":[{"id":1},{"id":"x"}],"kind":"secret","hidden":1}', schema);
    expect(decoded).toEqual({
      ok: false,
      reason: 'schema-refused',
      detail: 'list.0.id: invalid_type; kind: invalid_value; (body): unrecognized_keys',
    });
  });

  it('survives what is nested too deep', () => {
    const deep: z.ZodType = z.lazy(() => z.array(deep));
    const text = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    expect(decode(raw(text), deep, 1_000_000)).toMatchObject({ ok: false });
  });
});
