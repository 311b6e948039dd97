import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { python } from './python.js';
import { selfSigned } from './self-signed.js';

/**
 * Listens at every address of this machine and never accepts: once its backlog of one is taken, the kernel drops what wants to
 * connect, as a firewall would. It ends with us.
 */
const SILENT =
  'import socket, sys; s = socket.socket(); s.bind(("", 0)); s.listen(0); print(s.getsockname()[1], flush=True); sys.stdin.read()';

/** How long a connection that is accepted on this machine may take, ms; one that is not is dropped. */
const AT_ONCE_MS = 500;

/** What a private route may lead to, all of it on this machine. */
export class RouteEnds {
  private constructor(
    private readonly servers: readonly Server[],
    private readonly silentChild: ChildProcess,
    private readonly fillers: readonly Socket[],
    readonly ports: {
      readonly open: number;
      readonly badTls: number;
      readonly silent: number;
      readonly refused: number;
    },
  ) {}

  static async start(): Promise<RouteEnds> {
    const [open, badTls, closed] = [
      createServer((socket) => socket.destroy()),
      createTlsServer(selfSigned()),
      createServer(),
    ];
    const [openPort, badTlsPort, refused] = [await listening(open), await listening(badTls), await listening(closed)];
    await new Promise((resolve) => closed.close(resolve));
    const child = spawn(python(), ['-c', SILENT], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const silent = Number(line.toString());
    const fillers: Socket[] = [];
    // One that is late may have been late for other reasons.
    for (let dropped = 0; dropped < 2;) {
      const filler = connect(silent, '127.0.0.1').on('error', () => undefined);
      fillers.push(filler);
      dropped = (await isConnected(filler)) ? 0 : dropped + 1;
    }
    return new RouteEnds([open, badTls], child, fillers, { open: openPort, badTls: badTlsPort, silent, refused });
  }

  async stop(): Promise<void> {
    for (const socket of this.fillers) socket.destroy();
    this.silentChild.kill('SIGKILL');
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function isConnected(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    setTimeout(resolve, AT_ONCE_MS, false);
  });
}
