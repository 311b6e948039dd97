import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import {
  amqpUrl,
  describeProcess,
  rabbitMqDefinitions,
  startRabbitMq,
  type RabbitMqNode,
  type RabbitMqUser,
} from '@signalbox/local-infra';
import amqp from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesOf, temporaryHome } from './temporary-home.js';

const everything = { configure: '.*', write: '.*', read: '.*' };
const first: RabbitMqUser = { name: 'first', password: 'first-password', ...everything };
const second: RabbitMqUser = { name: 'second', password: 'second-password', ...everything };

let temporary: Awaited<ReturnType<typeof temporaryHome>>;
let node: RabbitMqNode;

const start = (users: RabbitMqUser[], more: object = {}): Promise<RabbitMqNode> =>
  startRabbitMq({
    home: path.join(temporary.folder, 'rabbitmq'),
    logFile: path.join(temporary.folder, 'log/rabbitmq.log'),
    definitions: rabbitMqDefinitions({ vhost: 'things', users }),
    ...more,
  });
const connect = ({ name: user, password }: RabbitMqUser) =>
  amqp.connect(amqpUrl({ port: node.amqpPort, user, password, vhost: 'things' }));

beforeAll(async () => {
  temporary = await temporaryHome();
  node = await start([first]);
});
afterAll(async () => {
  await node?.stop();
  await temporary.remove();
});

describe('a private RabbitMQ node', () => {
  it('accepts its users, has no guest user, and runs under the returned pid', async () => {
    const connection = await connect(first);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue('kept', { durable: true });
    await channel.assertExchange('spread', 'x-consistent-hash');
    channel.sendToQueue('kept', Buffer.from('still here'), { persistent: true });
    await channel.waitForConfirms();
    await connection.close();
    await expect(connect({ ...first, name: 'guest', password: 'guest' })).rejects.toThrow(/ACCESS_REFUSED/);
    expect(describeProcess(node.pid)).toEqual({ pid: node.pid, startedAt: node.startedAt });
  });

  it('refuses a second node on the same data', async () => {
    await expect(start([first])).rejects.toThrow(
      `already runs from ${path.join(temporary.folder, 'rabbitmq')} (pid ${node.pid})`,
    );
  });

  it('keeps its messages after a kill, and applies changed definitions at the next start', async () => {
    node.kill();
    expect((await node.exited).signal).toBe('SIGKILL');
    await node.stop();
    expect(await processesOf(temporary.folder)).toEqual([]);

    node = await start([{ ...first, password: 'changed-password' }, second], { amqpPort: node.amqpPort });
    const connection = await connect(second);
    const message = await (await connection.createChannel()).get('kept');
    expect(message && message.content.toString()).toBe('still here');
    await connection.close();
    await (await connect({ ...first, password: 'changed-password' })).close();
    await expect(connect(first)).rejects.toThrow(/ACCESS_REFUSED/);
  });

  it('leaves no process behind when it stops', async () => {
    await node.stop();
    expect(await node.exited).toEqual({ code: 0, signal: null });
    expect(await processesOf(temporary.folder)).toEqual([]);
    await node.stop();
  });

  it('names the port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(start([first], { amqpPort: port })).rejects.toMatchObject({
      code: 'port-taken',
      message: expect.stringContaining(`Port ${port}`),
    });
    server.close();
  });

  it('shows the end of the log when the node exits during the start', async () => {
    const failing = start([first], { settings: { 'no.such.setting': 'x' } });
    await expect(failing).rejects.toMatchObject({
      code: 'start-failed',
      message: expect.stringMatching(/ended while starting[^]*\n {2}.*/),
    });
    expect(await processesOf(temporary.folder)).toEqual([]);
  });

  it('kills a node that misses the start deadline', async () => {
    await expect(start([first], { startDeadlineMs: 300 })).rejects.toMatchObject({ code: 'start-timeout' });
    expect(await processesOf(temporary.folder)).toEqual([]);
  });
});
