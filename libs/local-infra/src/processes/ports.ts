import { createServer } from 'node:net';

/** Ports that this process has handed out: two callers must not get the same one before either has bound it. */
const givenOut = new Set<number>();

/** A free TCP port of 127.0.0.1: `prefer` if it is free, else one that this process has not handed out yet. */
export async function freePort({ prefer }: { prefer?: number } = {}): Promise<number> {
  if (prefer !== undefined && (await isPortFree(prefer))) return prefer;
  for (;;) {
    const port = await bind(0, '127.0.0.1');
    if (port !== undefined && !givenOut.has(port)) {
      givenOut.add(port);
      return port;
    }
  }
}

/** Whether this address and port can be bound now. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await bind(port, host)) !== undefined;
}

function bind(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
