import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Requests with `Expect: 100-continue` whose client still waits for permission to send the body. */
const waiting = new WeakSet<IncomingMessage>();

/** Leaves it to `permitBody` to send `100 Continue`, so that a client sends no body that would be refused. */
export function holdContinue(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request);
    // What the client does after a refusal is not known: it may send the body or another request.
    response.shouldKeepAlive = false;
    server.emit('request', request, response);
  });
}

/** To be called when the headers of the request are accepted. */
export function permitBody(request: IncomingMessage, response: ServerResponse, bodyLimit: number): void {
  if (!waiting.has(request) || Number(request.headers['content-length'] ?? 0) > bodyLimit) return;
  waiting.delete(request);
  response.shouldKeepAlive = true;
  response.writeContinue();
}
