import { connect as connectTcp, createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { connect } from 'amqplib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, FaultyBroker, FaultyDatabase, TcpProxy } from '../src/index.js';

describe('TcpProxy', () => {
  let server: Server;
  let proxy: TcpProxy;

  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await TcpProxy.start({ port: (server.address() as AddressInfo).port });
  });
  afterAll(async () => {
    await proxy.close();
    server.close();
  });

  const open = async () => {
    const socket = connectTcp(proxy.port, '127.0.0.1');
    let echoed = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => (echoed += chunk.toString()));
    await once(socket, 'connect');
    return { socket, echoed: () => echoed };
  };

  it('passes bytes on in order, and late when a delay is set', async () => {
    const { socket, echoed } = await open();
    socket.write('a');
    await eventually(() => echoed() === 'a');
    proxy.delayMs = 300;
    const sentAt = performance.now();
    socket.write('b');
    await eventually(() => echoed() === 'ab');
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(299);
    socket.write('c');
    proxy.delayMs = 0;
    socket.write('d');
    await eventually(() => echoed() === 'abcd');
    socket.end();
    await eventually(() => proxy.connections === 0);
  });

  it('passes nothing on while cut, and then all that was sent meanwhile, on new connections too', async () => {
    const before = await open();
    proxy.cut();
    const during = await open();
    before.socket.write('x');
    during.socket.write('y');
    const quiet = await open();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([before.echoed(), during.echoed()]).toEqual(['', '']);
    proxy.restore();
    await eventually(() => before.echoed() === 'x' && during.echoed() === 'y');
    for (const { socket } of [before, during, quiet]) socket.destroy();
  });

  it('resets', async () => {
    const { socket, echoed } = await open();
    // Connected to the proxy is not yet accepted by it: connections of earlier tests may be the ones it counts.
    socket.write('a');
    await eventually(() => echoed() === 'a');
    const failed = once(socket, 'error');
    proxy.reset();
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('FaultyBroker', () => {
  let broker: FaultyBroker;
  beforeAll(async () => {
    broker = await FaultyBroker.start();
  });
  afterAll(async () => {
    await broker.close();
  });

  const withChannel = async <T>(
    use: (
      channel: Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createConfirmChannel']>>,
      connection: Awaited<ReturnType<typeof connect>>,
    ) => Promise<T>,
  ): Promise<T> => {
    const connection = await connect(broker.url);
    connection.on('error', () => undefined);
    try {
      return await use(await connection.createConfirmChannel(), connection);
    } finally {
      await connection.close().catch(() => undefined);
    }
  };

  it('keeps its port and what is durable over a restart and a kill', async () => {
    const { url } = broker;
    await withChannel(async (channel) => {
      await channel.assertQueue('kept', { durable: true });
      channel.sendToQueue('kept', Buffer.from('1'), { persistent: true });
      await channel.waitForConfirms();
    });
    await broker.restart();
    await broker.kill();
    await broker.start();
    expect([broker.url, await broker.messageCount('kept'), await broker.queues()]).toEqual([url, 1, ['kept']]);
    await broker.deleteQueue('kept');
    expect(await broker.messageCount('kept')).toBeUndefined();
    // Two starts and a stop of an Erlang VM, whose time depends on the load of the machine.
  }, 180_000);

  it('blocks publishers while its memory alarm is raised', async () => {
    await withChannel(async (channel, connection) => {
      const said: string[] = [];
      connection.on('blocked', () => said.push('blocked'));
      connection.on('unblocked', () => said.push('unblocked'));
      await broker.raiseMemoryAlarm();
      channel.publish('', 'no-queue', Buffer.from('1'));
      await eventually(() => said.includes('blocked'));
      await broker.clearMemoryAlarm();
      await eventually(() => said.includes('unblocked'));
      expect(said).toEqual(['blocked', 'unblocked']);
    });
  });

  it('answers again after a pause', async () => {
    await broker.pause();
    let asked = false;
    const counted = broker.messageCount('none').then((count) => ((asked = true), count));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(asked).toBe(false);
    broker.resume();
    expect(await counted).toBeUndefined();
  });
});

describe('FaultyDatabase', () => {
  it('keeps its port and what was committed over a kill, and answers again after a pause', async () => {
    const database = await FaultyDatabase.start();
    const { url } = database;
    const query = async (sql: string) => {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query(sql)).rows as unknown[];
      } finally {
        await client.end();
      }
    };
    try {
      await query('CREATE TABLE kept AS SELECT 1 AS n');
      await database.kill();
      await database.start();
      expect(await query('SELECT n FROM kept')).toEqual([{ n: 1 }]);
      await database.pause();
      const late = query('SELECT n FROM kept');
      setTimeout(() => database.resume(), 200);
      expect(await late).toEqual([{ n: 1 }]);
      await database.restart();
      expect([database.url, await query('SELECT n FROM kept')]).toEqual([url, [{ n: 1 }]]);
    } finally {
      await database.close();
    }
  });
});
