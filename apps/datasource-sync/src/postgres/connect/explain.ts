import { TargetRefused } from '@signalbox/network-policy';
import { SourceProblem } from './source-problem.js';

type Explained = readonly [kind: SourceProblem['kind'], code: string, item: string, message: string, fix: string];

const PERMISSION: Explained = [
  'blocked',
  'permission_denied',
  'table_select',
  'The role may not read what it is to follow.',
  'Grant the role USAGE on the schema and SELECT on the published tables.',
];

/** What a SQLSTATE means here. */
const STATES: Readonly<Record<string, Explained>> = {
  '28P01': [
    'refused',
    'login_refused',
    'login',
    'The server refuses the password.',
    'Register the connection string again with the current password.',
  ],
  '28000': [
    'refused',
    'login_refused',
    'login',
    'The server refuses the login of this role from this address.',
    'Add a line to pg_hba.conf that admits the role, the database, the address and the TLS mode, and see that the role has LOGIN.',
  ],
  '3D000': [
    'refused',
    'database_missing',
    'login',
    'The server has no such database.',
    'Create the database, or register its right name.',
  ],
  '08P01': [
    'refused',
    'pooler',
    'reachable',
    'The server does not speak the replication protocol as PostgreSQL does: it is probably a connection pooler.',
    'Give the address of the PostgreSQL server itself: logical replication does not pass through a pooler.',
  ],
  '53300': [
    'unreachable',
    'too_many_connections',
    'replication_slot_capacity',
    'The server has no free connection or WAL sender.',
    'Raise max_connections or max_wal_senders, or close connections that are not used.',
  ],
  '53400': [
    'blocked',
    'no_free_slot',
    'replication_slot_capacity',
    'The server has no free replication slot.',
    'Raise max_replication_slots and restart the server, or drop a slot that is not used.',
  ],
  '57P01': [
    'unreachable',
    'connection_lost',
    'reachable',
    'The server ended the connection.',
    'See that the server is running.',
  ],
  '57P03': [
    'unreachable',
    'server_starting',
    'reachable',
    'The server is starting or stopping.',
    'Wait until it accepts connections.',
  ],
  '55006': [
    'unreachable',
    'slot_in_use',
    'replication_slot_capacity',
    'Another connection reads from the slot.',
    'Wait until it ends.',
  ],
  '3F000': [
    'blocked',
    'schema_missing',
    'schema',
    'The schema does not exist.',
    'Create the schema, or register the right one.',
  ],
  '42704': [
    'blocked',
    'publication_or_slot_missing',
    'publication',
    'The publication or the slot does not exist.',
    'Create the publication again; where this stays, start over with POST /v1/datasources/{id}/resync.',
  ],
  '42P01': [
    'unreachable',
    'table_changed',
    'publication',
    'A table was dropped or renamed while it was read.',
    'Nothing: it is read again.',
  ],
  '42703': [
    'unreachable',
    'table_changed',
    'publication',
    'A column was dropped or renamed while its table was read.',
    'Nothing: it is read again.',
  ],
  '42501': PERMISSION,
};

/** What a system error of a socket means. */
const NETWORK: Readonly<Record<string, readonly [code: string, message: string]>> = {
  ECONNREFUSED: ['connection_refused', 'The connection was refused.'],
  ENOTFOUND: ['host_not_found', 'The host name has no address.'],
  EAI_AGAIN: ['host_not_found', 'The host name could not be resolved.'],
  ETIMEDOUT: ['timeout', 'The server did not answer in time.'],
  EHOSTUNREACH: ['host_unreachable', 'There is no route to the host.'],
  ENETUNREACH: ['host_unreachable', 'There is no route to the host.'],
};

/** The problem behind an error of the driver, of the network or of the decoder. */
export function explain(error: unknown): SourceProblem {
  if (error instanceof SourceProblem) return error;
  if (error instanceof TargetRefused)
    return new SourceProblem('refused', 'target_refused', {
      message: `${error.message}.`,
      fix: 'Register an address that this deployment may connect to.',
    });
  const { code = '', errors } = error as { code?: string; errors?: unknown[] };
  // Of a host with several addresses: all were tried.
  if (code === '' && Array.isArray(errors) && errors.length > 0) return explain(errors[0]);
  const known = STATES[code] ?? (code.startsWith('28') ? STATES['28000'] : undefined);
  if (known) {
    const [kind, id, item, message, fix] = known;
    return new SourceProblem(kind, id, { message, fix, item });
  }
  const [id, message] = NETWORK[code] ?? unnamed(code);
  return new SourceProblem('unreachable', id, {
    message,
    fix: 'See that the server is running, that its port is open to this deployment, and that the host is right.',
  });
}

const unnamed = (code: string): readonly [string, string] =>
  /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E')
    ? ['server_error', `The server answered with an error (SQLSTATE ${code}).`]
    : ['connection_lost', 'The connection ended, or what the server sent was not understood.'];
