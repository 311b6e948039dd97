import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What is to be called when a connection closes: it gets one listener, however many requests come together on it. */
const bySocket = new WeakMap<Socket, Set<() => void>>();

/** Calls the listener when the client leaves, soon where it has left. @returns how to stop that */
export function onceClientLeft(socket: Socket, listener: () => void): () => void {
  const listeners = listenersOf(socket);
  if (socket.destroyed) process.nextTick(() => listeners.has(listener) && listener());
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * Calls the listener once, when the answer was sent or the client has left. A response does not say so by itself (`close`) where it waits
 * behind the answer to an earlier request of its connection: Node.js forgets it when that closes.
 */
export function onceAnswerEnds({ socket }: IncomingMessage, response: ServerResponse, listener: () => void): void {
  const end = (): void => {
    stop();
    response.off('close', end);
    listener();
  };
  const stop = onceClientLeft(socket, end);
  response.once('close', end);
}

function listenersOf(socket: Socket): Set<() => void> {
  const known = bySocket.get(socket);
  if (known !== undefined) return known;
  const made = new Set<() => void>();
  bySocket.set(socket, made);
  socket.once('close', () => {
    for (const listener of made) listener();
  });
  return made;
}
