import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../http/caller.js';

/** What a request is identified by. */
export interface Credential {
  readonly kind: Caller['via'];
  readonly text: string;
}

/** The credential of a request: `X-Api-Key: <key>` or `Authorization: Bearer <key>`; the first one wins. */
export function credentialOf(headers: IncomingHttpHeaders): Credential | undefined {
  const text = keyOf(headers);
  return text === undefined ? undefined : { kind: 'key', text };
}

function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['x-api-key'];
  if (typeof given === 'string' && given !== '') return given.trim();
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  return bearer;
}
