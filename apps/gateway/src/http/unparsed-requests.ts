import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ApiError } from './errors/api-error.js';
import { problemShape } from './errors/problem.shape.js';

const HEAD_TOO_LARGE = new ApiError({
  status: 431,
  code: 'head_too_large',
  detail: 'The request line and the headers are larger than 16 KiB.',
  suggestion: 'Send fewer or shorter headers. Browsers send all cookies of the host.',
});
const TOO_SLOW = new ApiError({
  status: 408,
  code: 'request_timeout',
  detail: 'The request did not arrive in time.',
});
const MALFORMED = new ApiError({
  status: 400,
  code: 'malformed_http',
  detail: 'This is not a request of HTTP/1.1.',
  suggestion: 'For HTTPS, use the address of the proxy that terminates TLS.',
});

/** How long a client has to read the answer and to end its side, and how much of what it still sends is read and dropped. */
const LEFT_TO_READ = { ms: 2_000, bytes: 64 * 1_024 };

const ERRORS: Readonly<Record<string, ApiError>> = {
  HPE_HEADER_OVERFLOW: HEAD_TOO_LARGE,
  ERR_HTTP_REQUEST_TIMEOUT: TOO_SLOW,
};

/**
 * For `clientErrorHandler` of Fastify: answers what Node.js could not read as a request, and ends the connection. The path is not known, so the
 * answer is a problem on each.
 */
export function answerUnparsed(nextId: () => string): (error: Error & { code?: string }, socket: Socket) => void {
  const answered = new WeakSet<Socket>();
  return (error, socket) => {
    // The client is gone, or ended its side in the middle of what was answered already.
    if (error.code === 'ECONNRESET' || socket.destroyed || answered.has(socket)) return;
    if (!socket.writable) return void socket.destroy(error);
    answered.add(socket);
    socket.end(answerOf(ERRORS[error.code ?? ''] ?? MALFORMED, nextId()));
    leaveToRead(socket);
  };
}

/** A connection that is closed with unread data is reset, and the client loses an answer that it has not read yet. */
function leaveToRead(socket: Socket): void {
  let left = LEFT_TO_READ.bytes;
  // Node.js would read what still comes as further requests.
  socket.removeAllListeners('data');
  socket.on('data', ({ length }: Buffer) => {
    left -= length;
    if (left < 0) socket.pause();
  });
  const timer = setTimeout(() => socket.destroy(), LEFT_TO_READ.ms).unref();
  socket.once('close', () => clearTimeout(timer));
}

function answerOf(error: ApiError, requestId: string): string {
  const { contentType, body } = problemShape(error, requestId);
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    `content-type: ${contentType}`,
    `content-length: ${Buffer.byteLength(text)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${text}`;
}
