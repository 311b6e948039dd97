import { connect, type Socket } from 'node:net';
import { request, type IncomingMessage } from 'node:http';
import { readdirSync } from 'node:fs';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { eventually } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ServiceProcess } from '../support/service-process.js';
import { System } from '../support/system.js';

const OPEN_FILES = 256;
const CONNECTIONS = 400;
/** Another client: all addresses of 127/8 are those of this machine. */
const ELSEWHERE = '127.0.0.2';

/** A gateway that may open few files, and a client that opens many connections and says little on each. */
describe('clients that hold connections', () => {
  let system: System;
  let gateway: ServiceProcess;
  let ports: { port: number; managementPort: number };
  const sockets: Socket[] = [];

  beforeAll(async () => {
    system = await System.create();
    gateway = new ServiceProcess('gateway', system.gatewayEnvironment(), undefined, OPEN_FILES);
    const { port, managementPort } = await gateway.ready;
    ports = { port: port!, managementPort };
    await eventually(async () => (await get('/status')) === 200);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(async () => {
    await gateway.stop();
    await system.close();
  });

  /** The status of the answer to a client at another address. */
  const get = async (path: string, port = ports.port): Promise<number | undefined> => {
    const headers = { 'x-api-key': system.adminKey };
    const sent = request({ host: '127.0.0.1', port, path, headers, localAddress: ELSEWHERE, agent: false });
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    sent.end();
    const [response] = await answered;
    await text(response);
    return response.statusCode;
  };
  const hold = (bytes: string): void => {
    for (let i = 0; i < CONNECTIONS; i++) {
      const socket = connect({ port: ports.port, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      if (bytes !== '') socket.write(bytes);
      sockets.push(socket);
    }
  };
  const head = (key = ''): string => `POST /v1/keys HTTP/1.1\r\nHost: x\r\n${key}Content-Type: application/json\r\n`;
  const openFiles = (): number => readdirSync(`/proc/${gateway.pid}/fd`).length;

  it.each([
    ['without a key, in the middle of a body', () => `${head()}Content-Length: 9\r\n\r\n{`],
    [
      'with a key, in the middle of a body',
      () => `${head(`X-Api-Key: ${system.adminKey}\r\n`)}Content-Length: 9\r\n\r\n{`,
    ],
    ['in the middle of a head', () => head()],
    ['and send nothing', () => ''],
  ])('%s, keep no other client from an answer', async (_what, bytes) => {
    hold(bytes());
    await eventually(() => sockets.every(({ connecting }) => !connecting));
    for (let round = 0; round < 20; round++) {
      expect([await get('/status'), await get('/livez', ports.managementPort)]).toEqual([200, 200]);
      expect(openFiles()).toBeLessThan(OPEN_FILES - 16);
    }
  });

  it('are closed when they do not go on', async () => {
    const ended: string[] = [];
    for (const bytes of [head(), '', `${head(`X-Api-Key: ${system.adminKey}\r\n`)}Content-Length: 9\r\n\r\n{`]) {
      // The connections of the tests before may still count for the other address.
      const socket = connect({ port: ports.port, host: '127.0.0.1', localAddress: ELSEWHERE });
      let received = '';
      socket.on('data', (data) => (received += String(data)));
      socket.on('error', () => undefined);
      socket.on('close', () => ended.push(received.slice(0, 12)));
      if (bytes !== '') socket.write(bytes);
      sockets.push(socket);
    }
    await eventually(() => ended.length === 3);
    expect(ended).toEqual(ended.map(() => 'HTTP/1.1 408'));
  });
});
