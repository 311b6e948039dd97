import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { limitRequestsTogether } from './requests-together.js';

let server: Server;
let client: Socket;
let responses: ServerResponse[];
let received: string;

beforeEach(async () => {
  responses = [];
  received = '';
  server = createServer((_request, response) => void responses.push(response));
  limitRequestsTogether(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined).on('data', (part: Buffer) => (received += part.toString()));
});
afterEach(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

const send = (count: number): void => void client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count));

it('lets 32 requests come together, again and again', async () => {
  for (const round of [1, 2, 3]) {
    send(32);
    await eventually(() => responses.length === 32);
    for (const response of responses.splice(0)) response.end('x');
    await eventually(() => received.match(/200 OK/g)?.length === 32 * round);
  }
  expect(client.destroyed).toBe(false);
});

it('closes the connection where more come before the answers to them, and handles none of the rest', async () => {
  send(1_000);
  await once(client, 'close');
  expect(responses).toHaveLength(32);
});
