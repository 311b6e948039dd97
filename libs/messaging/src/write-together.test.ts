import { once } from 'node:events';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { writeTogether } from './write-together.js';

/** A stream that keeps what each of its writes to the system would have been. */
function gathering(highWaterMark?: number): { socket: Writable; calls: string[] } {
  const calls: string[] = [];
  const socket = new Writable({
    ...(highWaterMark !== undefined && { highWaterMark }),
    write: (chunk, _encoding, callback) => {
      calls.push(String(chunk));
      callback();
    },
    writev: (chunks, callback) => {
      calls.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      callback();
    },
  });
  writeTogether(socket);
  return { socket, calls };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('sends what is written in one go with one call, in order', async () => {
  const { socket, calls } = gathering();
  for (const text of ['a', 'b', 'c']) socket.write(text);
  await turn();
  for (const text of ['d', 'e']) socket.write(text);
  await turn();
  expect(calls).toEqual(['abc', 'de']);
});

it('says when it is full, and when it has room again', async () => {
  const { socket, calls } = gathering(2);
  expect(socket.write('a')).toBe(true);
  expect(socket.write('b')).toBe(false);
  await once(socket, 'drain');
  expect(calls).toEqual(['ab']);
});

it('calls back for each write, and sends what was written just before the end', async () => {
  const { socket, calls } = gathering();
  const written = new Promise((resolve) => socket.write('a', resolve));
  const finished = once(socket, 'finish');
  socket.end('b');
  await Promise.all([written, finished]);
  expect(calls.join('')).toBe('ab');
});
