import type { Connection } from '@signalbox/contracts/http';
import { guardedFetch, type GuardedResponse } from '@signalbox/network-policy';
import { z } from 'zod';
import type { Trial } from './trial.js';

type Settings = Extract<Connection, { type: 'trino' }>['trinoConnection'];

/** More pages than any working coordinator needs for `SELECT 1`. */
const MAX_PAGES = 200;

const page = z.object({ nextUri: z.string().optional(), error: z.object({ message: z.string() }).optional() });

/** Runs `SELECT 1` to its end with Trino's statement protocol. Follows no reference to another server. */
export async function testTrino(
  { server, port, catalog, schema, user, password, peakaKey }: Settings,
  { rules, signal }: Trial,
): Promise<void> {
  const start = serverUrl(server ?? '', port);
  const headers: Record<string, string> = {
    'x-trino-user': user ?? 'signalbox',
    'x-trino-source': 'signalbox connection test',
    // A key of Peaka replaces user, catalog and schema.
    ...(peakaKey === undefined && catalog !== undefined && { 'x-trino-catalog': catalog }),
    ...(peakaKey === undefined && schema !== undefined && { 'x-trino-schema': schema }),
    ...(peakaKey !== undefined && { 'x-trino-extra-credential': `peakaKey=${peakaKey}` }),
    ...(peakaKey === undefined &&
      password !== undefined && {
        authorization: `Basic ${Buffer.from(`${user ?? ''}:${password}`).toString('base64')}`,
      }),
  };
  let answer = await guardedFetch(
    { url: new URL('/v1/statement', start), method: 'POST', headers, body: 'SELECT 1', signal },
    rules,
  );
  for (let count = 0; count < MAX_PAGES; count++) {
    const { nextUri, error } = read(answer);
    if (error) throw new Error(error.message);
    if (nextUri === undefined) return;
    const url = new URL(nextUri, start);
    if (url.origin !== start.origin) throw new Error('The server refers to another server; it is not followed there.');
    answer = await guardedFetch({ url, headers, signal }, rules);
  }
  throw new Error('The server never came to the end of SELECT 1.');
}

/** The port is appended where the address has none. */
function serverUrl(server: string, port: number | undefined): URL {
  const url = new URL(server);
  if (url.port === '' && port !== undefined) url.port = String(port);
  return url;
}

function read({ status, body }: GuardedResponse): z.output<typeof page> {
  if (status !== 200)
    throw new Error(
      `The server answered ${status}${status === 401 || status === 403 ? ': it does not accept the user' : ''}.`,
    );
  try {
    return page.parse(JSON.parse(body.toString('utf8')));
  } catch {
    throw new Error('The server does not answer as Trino does.');
  }
}
