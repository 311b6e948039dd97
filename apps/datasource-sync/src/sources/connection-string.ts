import { isIP } from 'node:net';
import { parse } from 'pg-connection-string';
import type { TlsMode } from '../work/assignment.js';
import { BadConnectionString } from './bad-connection-string.js';
import { tlsOf } from './connection-parameters.js';

/** What a connection string says. */
export interface Connection {
  /** Lower case; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Empty where none was given. */
  readonly password: string;
  readonly tls: TlsMode;
}

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…`, as libpq does. Nothing is read from this machine.
 * @throws BadConnectionString
 */
export function parseConnectionString(text: string): Connection {
  if (!/^postgres(ql)?:\/\//.test(text))
    throw bad(
      'it must start with postgres:// or postgresql://; keywords (host=… user=…) and sockets are not supported',
    );
  if (text.includes('#')) throw bad('it must not have a #: write %23 where the password has one');
  // The parser would read files that parameters name: it gets none of them.
  const [authority = '', query = '', ...more] = text.split('?');
  if (more.length > 0) throw bad('it must not have a second ?: write %3F where the password has one');
  if (query.includes('@'))
    throw bad('it must not have an @ after the ?: write %3F and %40 where the password has them');
  if (/%(?![0-9a-f]{2})/i.test(authority)) throw bad('it has a % without two hexadecimal digits: write %25');
  const tls = tlsOf(new URLSearchParams(query));
  const { host, port, database, user, password } = partsOf(authority);
  if (!isHost(host)) throw bad('it must name one host by its name or address');
  if (port === 0) throw bad('its port must be from 1 to 65535');
  if (user === '') throw bad('it must name a user');
  if (database === '') throw bad('it must name a database after the host');
  if (/[\0\n\r]/.test(`${database}${user}${password}`)) throw bad('it must not have control characters');
  if (Buffer.byteLength(database) > 63 || Buffer.byteLength(user) > 63)
    throw bad('names of users and databases have 63 bytes at most');
  return { host, port, database, user, password, tls };
}

/** Still encoded: the parser decodes a part of it, so that decoding the rest would decode some twice. */
const databaseIn = (authority: string): string => /^[^:]+:\/\/[^/]*\/(.*)$/s.exec(authority)?.[1] ?? '';

function partsOf(authority: string): Omit<Connection, 'tls'> {
  try {
    // The parser takes all %XX for text where it finds a space.
    const { host, port, user, password } = parse(authority.replaceAll(' ', '%20'));
    return {
      host: (host ?? '').toLowerCase(),
      port: port === undefined || port === null || port === '' ? 5_432 : Number(port),
      database: decodeURIComponent(databaseIn(authority)),
      user: user ?? '',
      password: password ?? '',
    };
  } catch {
    throw bad('it cannot be read: write special characters of user and password as %XX');
  }
}

const isHost = (host: string): boolean =>
  isIP(host) !== 0 || /^(?=.{1,253}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/.test(host);

const bad = (message: string): BadConnectionString => new BadConnectionString(message);
