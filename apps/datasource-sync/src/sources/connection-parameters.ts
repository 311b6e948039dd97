import type { TlsMode } from '../work/assignment.js';
import { BadConnectionString } from './bad-connection-string.js';

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
const INSTEAD: ReadonlyMap<string, string> = new Map(
  Object.entries({
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
  }),
);

/** Other parameters of libpq: https://www.postgresql.org/docs/current/libpq-connect.html */
const UNSUPPORTED = new Set([
  'gssdelegation',
  'gsslib',
  'krbsrvname',
  'load_balance_hosts',
  'max_protocol_version',
  'min_protocol_version',
  'oauth_client_id',
  'oauth_client_secret',
  'oauth_issuer',
  'oauth_scope',
  'options',
  'replication',
  'require_auth',
  'requirepeer',
  'requiressl',
  'scram_client_key',
  'scram_server_key',
  'servicefile',
  'ssl_max_protocol_version',
  'ssl_min_protocol_version',
  'sslcertmode',
  'sslcompression',
  'sslcrl',
  'sslcrldir',
  'sslkeylogfile',
  'sslpassword',
  'sslsni',
  'target_session_attrs',
]);

/** Of the parameters of a connection string. @throws BadConnectionString for others than those that are supported */
export function tlsOf(parameters: URLSearchParams): TlsMode {
  for (const [name, value] of parameters) {
    if (name === 'sslmode' || IGNORED.has(name)) continue;
    if (name === 'channel_binding' && ['prefer', 'disable'].includes(value)) continue;
    if (name === 'sslnegotiation' && value === 'postgres') continue;
    throw new BadConnectionString(refusalOf(name));
  }
  const modes = parameters.getAll('sslmode');
  const [mode = 'prefer'] = modes;
  if (modes.length > 1 || !TLS_MODES.includes(mode))
    throw new BadConnectionString(`sslmode must be one of ${TLS_MODES.join(', ')}`);
  return mode as TlsMode;
}

/** What is not the name of a parameter may be a part of the password. */
function refusalOf(name: string): string {
  const instead = INSTEAD.get(name);
  if (instead !== undefined) return `the parameter ${name} is not supported: ${instead}`;
  if (UNSUPPORTED.has(name)) return `the parameter ${name} is not supported`;
  return 'it has an unknown parameter, or a ? in the password: write %3F';
}
