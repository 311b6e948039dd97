// @ts-check
import { once } from 'node:events';
import { createServer } from 'node:net';

/** @typedef {import('./spoil.mjs').Turn} Turn */
/** @typedef {import('./spoil.mjs').Conversation} Conversation */

/** Of one server: what takes more than this has been refused. */
const FLOOD_BYTES = 2 ** 31;
const DRIP_EVERY_MS = 100;

/** A server on loopback that has this conversation with each client. @param {Conversation} conversation */
export async function startHostileServer({ turns, greets = false, http = false }) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  let answered = 0;
  const server = createServer((socket) => {
    let next = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const speak = (/** @type {Buffer} */ asked) => {
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
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** @param {import('node:net').Socket} socket @param {Turn} turn @param {Buffer} asked */
function say(socket, { bytes: given, then }, asked) {
  const bytes = Buffer.isBuffer(given) ? given : given(asked);
  if (then === 'drip') return drip(socket, bytes);
  if (then === 'flood') return flood(socket, bytes);
  socket.write(bytes, () => {
    if (then === 'end') socket.end();
    if (then === 'reset') socket.resetAndDestroy();
  });
}

/** @param {import('node:net').Socket} socket @param {Buffer} bytes */
function drip(socket, bytes) {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || at === bytes.length) return clearInterval(timer);
    socket.write(bytes.subarray(at, at + 1));
    at += 1;
  }, DRIP_EVERY_MS);
}

/** @param {import('node:net').Socket} socket @param {Buffer} bytes */
function flood(socket, bytes) {
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
