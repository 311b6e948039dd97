import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../http/caller.js';

/** What a request is identified by. */
export interface Credential {
  readonly kind: Caller['via'];
  readonly text: string;
}

/** The header of a JWT, `{"alg":…`, in base64url. No key begins like this. */
const TOKEN_PREFIX = 'eyJ';

/** Longer headers hold no key and no token of ours. */
const LONGEST_BASIC = 8_192;

/**
 * The credential of a request: a key or a token as `X-Api-Key`, as `Authorization: Bearer` or as the password of `Authorization: Basic`,
 * else the cookies, of which one may be that of a session; the first one wins, so that what a program sends on purpose counts more
 * than what a browser adds.
 */
export function credentialOf(headers: IncomingHttpHeaders): Credential | undefined {
  const text = textOf(headers);
  if (text !== undefined) return { kind: text.startsWith(TOKEN_PREFIX) ? 'token' : 'key', text };
  return headers.cookie === undefined ? undefined : { kind: 'session', text: headers.cookie };
}

function textOf({ 'x-api-key': given, authorization }: IncomingHttpHeaders): string | undefined {
  if (typeof given === 'string' && given !== '') return given.trim();
  if (authorization === undefined) return undefined;
  const [, scheme = '', text = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme === '') return undefined;
  return scheme.toLowerCase() === 'bearer' ? text : passwordOf(text);
}

/** Node.js skips characters that are not base64, so that a key would have any number of spellings. */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The user may be anything. */
function passwordOf(basic: string): string | undefined {
  if (basic.length > LONGEST_BASIC || !BASE64.test(basic)) return undefined;
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? [];
  return password === '' ? undefined : password;
}
