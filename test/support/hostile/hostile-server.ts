import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Turn, Conversation } from './spoil.js';

/** Of one server: what takes more than this has been refused. */
const FLOOD_BYTES = 2 ** 31;
const DRIP_EVERY_MS = 100;

/** A server on loopback that has this conversation with each client. */
export async function startHostileServer({
  turns,
  greets = false,
  http = false,
}: Conversation): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  let answered = 0;
  const server = createServer((socket) => {
    let next = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const speak = (asked: Buffer) => {
      const turn = turns[http ? answered++ : next++];
      if (turn !== undefined) say(socket, turn, asked);
    };
    let head = '';
    if (greets) speak(Buffer.alloc(0));
    socket.on('data', (asked) => {
      if (!http) return speak(asked);
      // One request a connection; what its body says is not looked at.
      const before = head.includes('\r\n\r\n');
      head += asked.toString('latin1');
      if (!before && head.includes('\r\n\r\n')) speak(asked);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function say(socket: Socket, { bytes: given, after }: Turn, asked: Buffer): void {
  const bytes = Buffer.isBuffer(given) ? given : given(asked);
  if (after === 'drip') return drip(socket, bytes);
  if (after === 'flood') return flood(socket, bytes);
  socket.write(bytes, () => {
    if (after === 'end') socket.end();
    if (after === 'reset') socket.resetAndDestroy();
  });
}

function drip(socket: Socket, bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || at === bytes.length) return clearInterval(timer);
    socket.write(bytes.subarray(at, at + 1));
    at += 1;
  }, DRIP_EVERY_MS);
}

function flood(socket: Socket, bytes: Buffer): void {
  // Small pieces would cost this process more than the one that reads them.
  const piece = Buffer.concat(Array.from({ length: Math.ceil(65_536 / Math.max(1, bytes.length)) }, () => bytes));
  let left = piece.length === 0 ? 0 : FLOOD_BYTES;
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= piece.length;
      if (!socket.write(piece)) return void socket.once('drain', more);
    }
  };
  more();
}
