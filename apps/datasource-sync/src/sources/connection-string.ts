import { isIP } from 'node:net';
import { parse } from 'pg-connection-string';
import type { TlsMode } from '../work/assignment.js';

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

/** The string cannot be used. The message quotes nothing of it but names of parameters. */
export class BadConnectionString extends Error {
  override readonly name = 'BadConnectionString';
}

const TLS_MODES: readonly string[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] satisfies TlsMode[];

/** They do not matter for how a source is read. */
const IGNORED = new Set([
  'application_name',
  'fallback_application_name',
  'connect_timeout',
  'client_encoding',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
  'gssencmode',
]);

/** What to do instead of a parameter that programs with a disk, or with another way to connect, understand. */
const INSTEAD: Readonly<Record<string, string>> = {
  host: 'write the host before the database',
  hostaddr: 'write the host before the database',
  port: 'write the port after the host',
  dbname: 'write the database after the host',
  user: 'write the user before the host',
  password: 'write the password before the host',
  passfile: 'write the password before the host',
  service: 'write out what the service stands for',
  sslrootcert: 'send the certificate as caCertificate',
  sslcert: 'client certificates are not supported',
  sslkey: 'client certificates are not supported',
  schema: 'send the name as schema',
  channel_binding: 'only prefer and disable are supported; sslmode=verify-full proves the server',
  sslnegotiation: 'only postgres is supported',
};

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
  const tls = tlsOf(new URLSearchParams(query));
  const { host, port, database, user, password } = partsOf(authority);
  if (!isHost(host)) throw bad('it must name one host by its name or address');
  if (user === '') throw bad('it must name a user');
  if (database === '') throw bad('it must name a database after the host');
  if (/[\0\n\r]/.test(`${database}${user}${password}`)) throw bad('it must not have control characters');
  if (Buffer.byteLength(database) > 63 || Buffer.byteLength(user) > 63)
    throw bad('names of users and databases have 63 bytes at most');
  return { host, port, database, user, password, tls };
}

function partsOf(authority: string): Omit<Connection, 'tls'> {
  try {
    const { host, port, database, user, password } = parse(authority);
    return {
      host: (host ?? '').toLowerCase(),
      port: port === undefined || port === null || port === '' ? 5_432 : Number(port),
      database: decodeURIComponent(database ?? ''),
      user: user ?? '',
      password: password ?? '',
    };
  } catch {
    throw bad('it cannot be read: write special characters of user and password as %XX');
  }
}

function tlsOf(parameters: URLSearchParams): TlsMode {
  for (const [name, value] of parameters) {
    if (name === 'sslmode' || IGNORED.has(name)) continue;
    if (name === 'channel_binding' && ['prefer', 'disable'].includes(value)) continue;
    if (name === 'sslnegotiation' && value === 'postgres') continue;
    const shown = name.slice(0, 40).replaceAll(/[^\w.-]/g, '?');
    throw bad(`the parameter ${shown} is not supported${INSTEAD[name] === undefined ? '' : `: ${INSTEAD[name]}`}`);
  }
  const modes = parameters.getAll('sslmode');
  const [mode = 'prefer'] = modes;
  if (modes.length > 1 || !TLS_MODES.includes(mode)) throw bad(`sslmode must be one of ${TLS_MODES.join(', ')}`);
  return mode as TlsMode;
}

const isHost = (host: string): boolean =>
  isIP(host) !== 0 || /^(?=.{1,253}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/.test(host);

const bad = (message: string): BadConnectionString => new BadConnectionString(message);
