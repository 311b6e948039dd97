import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { eventually } from '@signalbox/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { UnreadBodies, type DiscardLimits } from './unread-body.js';

const KB = 1_024;
const piece = Buffer.alloc(64 * KB, 'x');

/** Real sockets: what is tested is when the connection ends. */
describe('UnreadBodies', () => {
  let server: Server;
  let unread: UnreadBodies;
  const sockets: Socket[] = [];

  /** Answers every request before its body. @returns a connected client */
  const start = async (limits: DiscardLimits, headers: Record<string, string> = {}): Promise<Socket> => {
    unread = new UnreadBodies({ accepted: limits, refused: { maxBytes: 0, maxMs: 0 } });
    server = createServer((request, response) => {
      unread.watch(request, response);
      unread.accept(request, response, Infinity);
      response.writeHead(401, headers).end('no');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await once(server.close(), 'close');
  });

  /** Counts the answers, and notices the end of the connection. */
  const follow = (socket: Socket) => {
    const seen = { answers: 0, isClosed: false };
    socket.on('data', (data) => (seen.answers += data.toString().split('HTTP/1.1 401').length - 1));
    socket.on('error', () => undefined);
    socket.on('close', () => (seen.isClosed = true));
    return seen;
  };
  const head = (length: number): string => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));

  it('keeps the connection for the next request when the body ends within the limits', async () => {
    const socket = await start({ maxBytes: 512 * KB, maxMs: 60_000 });
    const seen = follow(socket);
    for (let round = 1; round <= 3; round++) {
      socket.write(head(4 * piece.length));
      await eventually(() => seen.answers === round);
      for (let i = 0; i < 4; i++) socket.write(piece);
    }
    expect(seen.isClosed).toBe(false);
  });

  it('closes the connection when the body has more than the most bytes, after the longest time', async () => {
    const socket = await start({ maxBytes: 512 * KB, maxMs: 500 });
    const seen = follow(socket);
    socket.write(head(100_000 * KB));
    await eventually(() => seen.answers === 1);
    await eventually(() => {
      if (!seen.isClosed) socket.write(piece);
      return seen.isClosed;
    });
    expect(await connections()).toBe(0);
  });

  it.each([
    ['a client that sends nothing more', {}],
    ['the same after Connection: close', { connection: 'close' }],
  ])('closes the connection after the longest time: %s', async (_, headers) => {
    const socket = await start({ maxBytes: 512 * KB, maxMs: 200 }, headers);
    socket.allowHalfOpen = true;
    const seen = follow(socket);
    socket.write(head(100 * KB));
    await eventually(() => seen.answers === 1);
    expect(await connections()).toBe(1);
    await eventually(async () => (await connections()) === 0);
  });

  it('sends the end of the stream at once after Connection: close, and reads on', async () => {
    const socket = await start({ maxBytes: 512 * KB, maxMs: 60_000 }, { connection: 'close' });
    socket.allowHalfOpen = true;
    const seen = follow(socket);
    socket.write(head(2 * piece.length));
    await once(socket, 'end');
    socket.write(piece);
    expect(await connections()).toBe(1);
    socket.write(piece);
    await eventually(async () => (await connections()) === 0);
    expect(seen.answers).toBe(1);
  });

  it('reads little of a request that was refused, and leaves its client time to read the answer', async () => {
    unread = new UnreadBodies({
      accepted: { maxBytes: 100_000 * KB, maxMs: 60_000 },
      refused: { maxBytes: 16 * KB, maxMs: 500 },
    });
    let read = 0;
    server = createServer((request, response) => {
      unread.watch(request, response);
      response.once('finish', () => request.on('data', ({ length }: Buffer) => (read += length)));
      response.writeHead(401).end('no');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    const seen = follow(socket);
    let answer = '';
    socket.on('data', (data) => (answer += String(data)));
    socket.write(head(10_000 * KB));
    const sending = setInterval(() => socket.write(piece), 1);
    await eventually(() => seen.answers === 1);
    expect(answer).toMatch(/connection: close/i);
    await eventually(() => seen.isClosed);
    clearInterval(sending);
    expect(read).toBeLessThan(256 * KB);
    await eventually(async () => (await connections()) === 0);
  });

  it('closes all such connections at once when the server closes', async () => {
    const socket = await start({ maxBytes: 512 * KB, maxMs: 60_000 });
    const seen = follow(socket);
    socket.write(head(100 * KB));
    await eventually(() => seen.answers === 1);
    unread.close();
    await eventually(() => seen.isClosed);
    expect(await connections()).toBe(0);
  });
});
