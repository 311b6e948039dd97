import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { takeFirst } from './take-first.js';
import { declaresBody } from './unread-body.js';

/** All in milliseconds. A client that is slower is answered 408, and its connection is closed. */
export const timeLimits = {
  /** From the begin of a connection, or of a request on it, to the end of its headers. */
  head: 10_000,
  /** To the end of the body. */
  request: 60_000,
  /** Between two parts of a body. */
  bodyPart: 10_000,
  /** Between two parts of an answer that the client takes. */
  answerPart: 30_000,
  /** Between two requests. Longer than load balancers keep idle connections, so that they close them. */
  idle: 72_000,
  /** How often Node.js looks for requests that are late. */
  check: 1_000,
} as const;

/** Ends a request whose body does not go on. To be called before its body is read. */
export function demandBodyProgress(server: Server, request: IncomingMessage, ms: number = timeLimits.bodyPart): void {
  if (!declaresBody(request) || request.complete) return;
  const { socket } = request;
  const stalled = (): void => {
    const error = Object.assign(new Error('the body of a request did not go on'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    // As Node.js does it for the other limits.
    server.emit('clientError', error, socket);
  };
  const done = (): void => {
    // The answer to an earlier request may still be on its way: see below.
    socket.setTimeout(socket.writableLength > 0 ? timeLimits.answerPart : 0);
    request.off('timeout', stalled);
  };
  // With a listener here Node.js leaves it to that, and does not destroy the socket.
  request.once('timeout', stalled);
  request.once('close', done);
  socket.setTimeout(ms);
}

/** Closes a connection whose client does not take the next part of an answer. To be called before the first part is sent. */
export function demandPartProgress(response: ServerResponse, ms: number = timeLimits.answerPart): void {
  const begin = (socket: Socket): void => {
    socket.setTimeout(ms);
    // Before the listener of Node.js itself, which sets the time for the next request.
    response.prependOnceListener('finish', () => socket.setTimeout(0));
  };
  // It has none while earlier requests of its connection are answered.
  if (response.socket === null) response.once('socket', begin);
  else begin(response.socket);
}

/** Closes a connection whose client does not take an answer that is complete. To be called when nothing else has the requests before. */
export function demandAnswerProgress(server: Server, ms: number = timeLimits.answerPart): void {
  takeFirst(server, (_request, response) => {
    // It comes when the whole answer was given to the connection, which as a rule has passed it on to the operating system by then.
    response.once('prefinish', () => {
      const { socket } = response;
      if (socket === null || socket.writableLength === 0) return;
      // Node.js closes a connection on which nothing is received and nothing can be sent for so long.
      socket.setTimeout(ms);
      // Before the listener of Node.js itself, which sets the time for the next request.
      response.prependOnceListener('finish', () => socket.setTimeout(0));
    });
    return false;
  });
}
