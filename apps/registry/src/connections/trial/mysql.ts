import { once } from 'node:events';
import type { Connection } from '@signalbox/contracts/http';
import { GuardedSocket } from '@signalbox/network-policy';
import { createConnection } from 'mysql2/promise';
import type { Trial } from './trial.js';

type Settings = Extract<Connection, { type: 'mysql' }>['mysqlConnection'];

/** Connects as a client and reads one row. */
export async function testMysql(
  { host, port = 3_306, database, user, password }: Settings,
  { rules, signal }: Trial,
): Promise<void> {
  if (host === undefined) throw new Error('There is no host.');
  const socket = new GuardedSocket(rules);
  const cut = (): void => void socket.destroy();
  signal.addEventListener('abort', cut, { once: true });
  try {
    socket.connect(port, host);
    await once(socket, 'connect');
    const connection = await createConnection({
      stream: socket,
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      ...(database !== undefined && { database }),
    });
    // A server may close the connection at any time; an error event without a listener would end the process.
    connection.on('error', () => undefined);
    await connection.query('SELECT 1');
    await connection.end();
  } finally {
    signal.removeEventListener('abort', cut);
    socket.destroy();
  }
}
