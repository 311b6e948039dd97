import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { takeFirst } from './take-first.js';

/** A client that sends requests together waits for as many answers. */
const MOST_TOGETHER = 32;

/**
 * Closes a connection on which more requests come while the answers to earlier ones are not sent. Node.js handles all that come in one piece, of
 * 64 KiB a thousand and more, and keeps each with its answer until those before it were taken: a client that takes none would fill the memory.
 */
export function limitRequestsTogether(server: Server): void {
  const open = new WeakMap<Socket, number>();
  takeFirst(server, ({ socket }, response) => {
    const before = open.get(socket) ?? 0;
    if (before >= MOST_TOGETHER) socket.destroy();
    // The rest of what came in the piece comes here, too.
    if (socket.destroyed) return true;
    open.set(socket, before + 1);
    response.once('close', () => open.set(socket, (open.get(socket) ?? 1) - 1));
    return false;
  });
}
