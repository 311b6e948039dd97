import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Ports that this process has handed out: two callers must not get the same one before either has bound it. */
const givenOut = new Set<number>();

/**
 * Below the ports from which systems choose for outgoing connections (32768 and up on Linux, 49152 elsewhere): one of those could
 * take the port before a server binds it, or while the server restarts.
 */
const LOWEST = 10_000;
const HIGHEST = 32_767;

/** A free TCP port of 127.0.0.1: `prefer` if it is free, else one that this process has not handed out yet. */
export async function freePort({ prefer }: { prefer?: number } = {}): Promise<number> {
  if (prefer !== undefined && (await isPortFree(prefer))) return prefer;
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (givenOut.has(port)) continue;
    givenOut.add(port);
    if (await isPortFree(port)) return port;
  }
}

/** Whether this address and port can be bound now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
