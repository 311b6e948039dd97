import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionCaps } from './connection-caps.js';

/** All addresses of 127/8 are those of this machine. */
const PROXY = '127.0.0.9';

describe('ConnectionCaps', () => {
  let server: Server;
  let refused: string[];
  const sockets: Socket[] = [];

  beforeEach(async () => {
    refused = [];
    server = createServer((_request, response) => response.end('answered'));
    const caps = new ConnectionCaps({
      limits: { inAll: 5, perAddress: 2 },
      isShared: (address) => address === PROXY,
      onRefused: (reason) => refused.push(reason),
    });
    caps.listen(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await once(server.close(), 'close');
  });

  /** A connection that stays open, and what is answered on it. */
  const open = (localAddress: string): { socket: Socket; isAnswered: () => Promise<boolean> } => {
    const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', localAddress });
    sockets.push(socket);
    let [answer, isClosed] = ['', false];
    socket.on('data', (data) => (answer += String(data)));
    socket.on('error', () => undefined).on('close', () => (isClosed = true));
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const isAnswered = async (): Promise<boolean> => {
      await eventually(() => answer.includes('answered') || isClosed);
      return answer !== '';
    };
    return { socket, isAnswered };
  };
  const areAnswered = async (addresses: readonly string[]): Promise<boolean[]> => {
    const answered: boolean[] = [];
    for (const address of addresses) answered.push(await open(address).isAnswered());
    return answered;
  };

  it('close the connections of an address beyond its limit, and no others', async () => {
    const addresses = ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.2'];
    expect(await areAnswered(addresses)).toEqual([true, true, false, true]);
    expect(refused).toEqual(['per address']);
  });

  it('take a connection of an address again when another one of it has ended', async () => {
    const first = open('127.0.0.1');
    expect([await first.isAnswered(), ...(await areAnswered(['127.0.0.1', '127.0.0.1']))]).toEqual([true, true, false]);
    first.socket.destroy();
    await eventually(async () => open('127.0.0.1').isAnswered());
  });

  it('limit an address that is shared, and all, in all only', async () => {
    const answered = await areAnswered([PROXY, PROXY, PROXY, PROXY, '127.0.0.1', PROXY]);
    expect(answered).toEqual([true, true, true, true, true, false]);
    expect(refused).toEqual(['in all']);
  });
});
