import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenOn, type ListeningOn } from './listen-on.js';

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
const ADDRESSES = ['127.0.0.1', ...(hasIPv6 ? ['[::1]'] : [])];

describe('listening on localhost', () => {
  let app: FastifyInstance;
  let listening: ListeningOn;
  beforeEach(async () => {
    app = fastify({ forceCloseConnections: 'idle' });
    app.get('/', (request) => ({ port: request.socket.localPort }));
    listening = await listenOn(app, { host: 'localhost', port: 0 });
  });
  afterEach(async () => {
    listening.stop();
    await app.close();
  });

  it.each(ADDRESSES)('answers at %s', async (address) => {
    const response = await fetch(`http://${address}:${listening.port}/`);
    expect(await response.json()).toEqual({ port: listening.port });
  });

  it.each(ADDRESSES)('gives connections at %s to the listeners of the server', async (address) => {
    app.server.prependListener('request', (_request, response) => response.setHeader('x-seen', 'yes'));
    const response = await fetch(`http://${address}:${listening.port}/`);
    expect(response.headers.get('x-seen')).toBe('yes');
  });

  it.each(ADDRESSES)('takes no connection at %s after it was stopped', async (address) => {
    await (await fetch(`http://${address}:${listening.port}/`)).text();
    listening.stop();
    await app.close();
    const socket = connect(listening.port, address.replaceAll(/[[\]]/g, ''));
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.runIf(hasIPv6)('rejects where the port is taken at the other address', async () => {
    const other = createServer().listen(0, '::1');
    await once(other, 'listening');
    const second = fastify();
    const { port } = other.address() as { port: number };
    await expect(listenOn(second, { host: 'localhost', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
    other.close();
  });
});

it('listens on no other address than the one that is given', async () => {
  const app = fastify();
  const { port } = await listenOn(app, { host: '127.0.0.1', port: 0 });
  const socket = connect(port, '::1');
  await expect(once(socket, 'connect')).rejects.toThrow(/^connect E/);
  await app.close();
});
