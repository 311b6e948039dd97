import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { systemClock } from '@signalbox/platform';
import { eventually } from '@signalbox/testing';
import type { FastifyRequest } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Waiter } from './waiter.js';

const WAITS = 20;

let server: Server;
let [begun, ended] = [0, 0];
const warnings: string[] = [];
const warned = ({ name }: Error): void => void warnings.push(name);

beforeEach(async () => {
  [begun, ended] = [0, 0];
  process.on('warning', warned);
  const waiter = new Waiter(systemClock, new AbortController().signal);
  server = createServer((raw, response) => {
    begun += 1;
    const request = { caller: null, ip: '192.0.2.1', turn: null, routeOptions: { url: '/healthz' }, raw };
    void waiter
      .asked(request as unknown as FastifyRequest, {
        ms: 60_000,
        isThere: () => false,
        onChange: () => () => undefined,
      })
      .finally(() => {
        ended += 1;
        response.end();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  process.off('warning', warned);
  server.close();
  await once(server, 'close');
});

it('ends the waits of a client that leaves, however many came together, and warns of none', async () => {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(WAITS));
  await eventually(() => begun === WAITS);
  expect(ended).toBe(0);
  client.destroy();
  await eventually(() => ended === WAITS);
  expect(warnings).toEqual([]);
});
