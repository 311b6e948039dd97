import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demandAnswerProgress, demandPartProgress } from './time-limits.js';

/** More than a system keeps of a connection whose other end reads nothing. */
const BYTES = 32 * 1_024 * 1_024;
const PARTS = 64;
const LIMIT_MS = 1_000;

describe.each(['whole', 'in parts'])('a connection with an answer that is sent %s', (how) => {
  let server: Server;
  let client: Socket;
  let accepted: Socket[];
  let requests: number;

  beforeEach(async () => {
    accepted = [];
    requests = 0;
    server = createServer((request, response) => {
      requests += 1;
      if (request.url === '/late') setTimeout(() => response.end('late'), 2 * LIMIT_MS);
      else if (how === 'whole') response.end(Buffer.alloc(BYTES, 'x'));
      else {
        demandPartProgress(response, LIMIT_MS);
        Readable.from(Array.from({ length: PARTS }, () => Buffer.alloc(BYTES / PARTS, 'x'))).pipe(response);
      }
    });
    server.on('connection', (socket) => accepted.push(socket));
    demandAnswerProgress(server, LIMIT_MS);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined).pause();
    await once(client, 'connect');
  });
  afterEach(async () => {
    client.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const send = (path: string): void => void client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);

  it('is closed when the client does not take it', async () => {
    send('/');
    await eventually(() => accepted[0]?.destroyed === true);
    expect(requests).toBe(1);
  });

  it('goes on while the client takes it, however slowly, and while the next answer is made', async () => {
    let [received, end] = [0, ''];
    const take = (part: Buffer | null): void => {
      received += part?.length ?? 0;
      end = part?.toString('latin1').slice(-4) ?? end;
    };
    send('/');
    send('/late');
    for (const until = performance.now() + 2 * LIMIT_MS; performance.now() < until; await wait(20))
      take(client.read() as Buffer | null);
    client.on('data', take).resume();
    await eventually(() => end === 'late' || client.destroyed);
    expect(client.destroyed).toBe(false);
    expect(received).toBeGreaterThan(BYTES);
  });
});
