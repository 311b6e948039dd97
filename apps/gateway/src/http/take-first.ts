import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

/**
 * Offers each request to `take` before the other listeners of the server have it, which get those that it returns false for. A `serverFactory`
 * would do, too, but Fastify leaves the timeouts to it.
 */
export function takeFirst(server: Server, take: (request: IncomingMessage, response: ServerResponse) => boolean): void {
  const others = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (!take(request, response)) for (const listener of others) listener.call(server, request, response);
  });
}
