import { isAscii, isUtf8 } from 'node:buffer';

import { describeIssues } from '@signalbox/platform';
import type { ZodType } from 'zod';

import type { RawDelivery } from './delivery.js';

/** Why a message was not understood. */
export const UNDECODABLE_REASONS = [
  'too-large',
  'wrong-content-type',
  'not-utf8',
  'not-json',
  'schema-refused',
] as const;
export type UndecodableReason = (typeof UNDECODABLE_REASONS)[number];

/** A decoded body, or why there is none; `detail` never quotes the message, only the path of what is wrong. */
export type Decoded<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly reason: UndecodableReason; readonly detail: string };

/** What decoding looks at. */
type Encoded = Pick<RawDelivery, 'content' | 'contentType' | 'contentEncoding'>;

/**
 * Reads the JSON of a message: its size (bytes), content type, encoding and syntax are checked, its meaning is not. A message
 * without a content type is taken for JSON. A `__proto__` key is dropped, so that no later copy can change a prototype.
 */
export function decodeJson({ content, contentType, contentEncoding }: Encoded, maxBytes: number): Decoded<unknown> {
  if (content.length > maxBytes) return refused('too-large', `${content.length} bytes, at most ${maxBytes} are read`);
  if (
    contentType !== undefined &&
    contentType !== 'application/json' &&
    !/^application\/json\s*(;|$)/i.test(contentType)
  ) {
    return refused('wrong-content-type', 'the content type is not application/json');
  }
  if (contentEncoding !== undefined && !/^(identity|utf-?8)?$/i.test(contentEncoding)) {
    return refused('wrong-content-type', 'the content encoding is not supported');
  }
  const text = textOf(content);
  if (text === undefined) return refused('not-utf8', 'the body is not UTF-8');
  try {
    return { ok: true, body: parse(text) };
  } catch {
    // The parser's message quotes the body, so it is not passed on.
    return refused('not-json', 'the body is not JSON');
  }
}

/** Reads the JSON of a message and has the schema judge it. */
export function decode<T>(raw: Encoded, schema: ZodType<T>, maxBytes: number): Decoded<T> {
  const decoded = decodeJson(raw, maxBytes);
  if (!decoded.ok) return decoded;
  try {
    const result = schema.safeParse(decoded.body);
    if (result.success) return { ok: true, body: result.data };
    return refused('schema-refused', describeIssues(result.error.issues, { root: '(body)', detail: 'code' }));
  } catch {
    // A body nested so deep that judging it overflows the stack.
    return refused('schema-refused', 'the body could not be judged');
  }
}

/** Undefined where it is not UTF-8. Most bodies are ASCII, which needs no decoder. */
function textOf(content: Buffer): string | undefined {
  if (isAscii(content)) return content.toString('latin1');
  return isUtf8(content) ? content.toString('utf8') : undefined;
}

function refused(reason: UndecodableReason, detail: string): Decoded<never> {
  return { ok: false, reason, detail };
}

/** A reviver makes parsing slow, so it runs only where the key may occur, plainly or escaped. */
function parse(text: string): unknown {
  if (!text.includes('__proto__') && !text.includes('\\u00')) return JSON.parse(text);
  return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
}
