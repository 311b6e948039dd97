import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../http/caller.js';

/** What a request is identified by. */
export interface Credential {
  readonly kind: Caller['via'];
  readonly text: string;
}

/**
 * The credential of a request: `X-Api-Key: <key>` or `Authorization: Bearer <key>`, else the cookies, of which one may be that of a
 * session; the first one wins, so that what a program sends on purpose counts more than what a browser adds.
 */
export function credentialOf(headers: IncomingHttpHeaders): Credential | undefined {
  const text = keyOf(headers);
  if (text !== undefined) return { kind: 'key', text };
  return headers.cookie === undefined ? undefined : { kind: 'session', text: headers.cookie };
}

function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['x-api-key'];
  if (typeof given === 'string' && given !== '') return given.trim();
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  return bearer;
}
