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
 * The credential of a request: a key or a token as `X-Api-Key`, as `Authorization: Bearer` or as the password of `Authorization: Basic`;
 * the first one wins.
 */
export function credentialOf(headers: IncomingHttpHeaders): Credential | undefined {
  const text = textOf(headers);
  if (text === undefined) return undefined;
  return { kind: text.startsWith(TOKEN_PREFIX) ? 'token' : 'key', text };
}

function textOf({ 'x-api-key': given, authorization }: IncomingHttpHeaders): string | undefined {
  if (typeof given === 'string' && given !== '') return given.trim();
  if (authorization === undefined) return undefined;
  const [, scheme = '', text = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme === '') return undefined;
  return scheme.toLowerCase() === 'bearer' ? text : passwordOf(text);
}

/** The user may be anything. */
function passwordOf(basic: string): string | undefined {
  if (basic.length > LONGEST_BASIC) return undefined;
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? [];
  return password === '' ? undefined : password;
}
