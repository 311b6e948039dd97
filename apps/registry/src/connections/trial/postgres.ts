import type { Connection } from '@signalbox/contracts/http';
import { GuardedSocket } from '@signalbox/network-policy';
import { Client, type ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import type { Trial } from './trial.js';

type Settings = NonNullable<Extract<Connection, { type: 'postgres' }>['postgresConnection']>;

/** Parameters with which the driver reads files of this machine. */
const FILES = ['sslcert', 'sslkey', 'sslrootcert', 'passfile', 'service', 'servicefile'];

function refuseFiles(connectionString: string): void {
  // Parsed as the driver does: a text that is not a URL is relative to a base.
  const { searchParams } = new URL(connectionString, 'postgres://base');
  const named = FILES.filter((name) => searchParams.has(name));
  if (named.length > 0)
    throw new Error(`The connectionString names files (${named.join(', ')}), which are not read here.`);
}

/** Connects as a client and reads one row. The connection string takes precedence over the other members. */
export async function testPostgres(
  { connectionString, host, port, databaseName, userName, password }: Settings,
  { rules, signal }: Trial,
): Promise<void> {
  if (connectionString === undefined && host === undefined)
    throw new Error('There is neither a host nor a connectionString.');
  if (connectionString !== undefined) refuseFiles(connectionString);
  const settings: ClientConfig =
    connectionString === undefined
      ? { host, port: port ?? 5_432, database: databaseName, user: userName, password }
      : parseIntoClientConfig(connectionString);
  // The driver would take missing members from the environment (PGUSER, PGPASSWORD) or from files, which are the registry's own.
  const { user = '', password: given } = settings;
  const client = new Client({
    ...settings,
    user: user === '' ? 'postgres' : user,
    password: () => {
      if (typeof given !== 'string' || given === '') throw new Error('The server wants a password, and there is none.');
      return given;
    },
    application_name: 'signalbox connection test',
    stream: () => new GuardedSocket(rules),
  });
  // The promises below report it; an error event without a listener would end the process.
  client.on('error', () => undefined);
  const cut = (): void => void client.end().catch(() => undefined);
  signal.addEventListener('abort', cut, { once: true });
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    signal.removeEventListener('abort', cut);
    await client.end().catch(() => undefined);
  }
}
