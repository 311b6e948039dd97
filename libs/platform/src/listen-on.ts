import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** What Fastify and a Nest application on it have in common here. */
export interface Listener {
  readonly server: Server;
  listen(options: ListenOptions): Promise<unknown>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly backlog?: number;
}

export interface ListeningOn {
  readonly port: number;
  /** Takes no more connections on the other address of `localhost`; that of the server itself is closed with it. */
  readonly stop: () => void;
}

const LOCALHOST = 'localhost';
const LOOPBACK = { main: '127.0.0.1', other: '::1' };
/** This machine has no IPv6. */
const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/**
 * Listens on the host; on both addresses of `localhost`, where the machine has both. For the second one Fastify would start a server of its own, which
 * has none of the listeners and limits of the first: here its connections are handed to the first. Rejects with the errors of `listen`.
 */
export async function listenOn(listener: Listener, { host, ...options }: ListenOptions): Promise<ListeningOn> {
  const { server } = listener;
  await listener.listen({ ...options, host: host === LOCALHOST ? LOOPBACK.main : host });
  const { port } = server.address() as AddressInfo;
  const other = host === LOCALHOST ? await listenOnOther(server, { ...options, port }) : undefined;
  return { port, stop: () => void other?.close() };
}

async function listenOnOther(server: Server, options: Omit<ListenOptions, 'host'>): Promise<Server | undefined> {
  const other = createServer((socket) => void server.emit('connection', socket));
  other.maxConnections = server.maxConnections;
  other.on('drop', (data) => void server.emit('drop', data));
  other.listen({ ...options, host: LOOPBACK.other });
  try {
    await once(other, 'listening');
    return other;
  } catch (error) {
    if (NO_SUCH_ADDRESS.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
