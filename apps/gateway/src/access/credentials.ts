import type { IncomingHttpHeaders } from 'node:http';

/** The key a request brings: `X-Api-Key: <key>` or `Authorization: Bearer <key>`; the first one wins. */
export function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['x-api-key'];
  if (typeof given === 'string' && given !== '') return given.trim();
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  return bearer;
}
