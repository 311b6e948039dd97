import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { amqpUrl, CHANNEL_MAX, rabbitMqDefinitions, startRabbitMq, type RabbitMqNode } from '@signalbox/local-infra';
import amqp, { type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryHome } from './temporary-home.js';

const VHOST = 'things';
const own = {
  name: 'own',
  password: 'own-password',
  configure: '.*',
  write: '.*',
  read: '.*',
  tags: ['administrator'],
};

/** What the node has asked. */
const asked: { path: string; key: string | undefined }[] = [];

/** Knows one key, which publishes to `amq.topic` with one routing key. Its other password is for the management API. */
function decide(path: string, { username, password, permission, name, routing_key }: Record<string, string>): string {
  if (username !== 'key_1') return 'deny';
  if (path === '/broker/user')
    return password === 'token' ? 'allow management' : password === 'secret' ? 'allow' : 'deny';
  if (path === '/broker/resource') return permission === 'write' && name === 'amq.topic' ? 'allow' : 'deny';
  if (path === '/broker/topic') return routing_key === 'mine' ? 'allow' : 'deny';
  return path === '/broker/vhost' ? 'allow' : 'deny';
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parameters = Object.fromEntries(new URLSearchParams(await text(request)));
  asked.push({ path: request.url!, key: parameters['routing_key'] });
  response.end(decide(request.url!, parameters));
}

let temporary: Awaited<ReturnType<typeof temporaryHome>>;
let listener: Server;
let node: RabbitMqNode;

const connect = (user: string, password: string): Promise<ChannelModel> =>
  amqp.connect(amqpUrl({ port: node.amqpPort, user, password, vhost: VHOST }));

const AS_KEY = 'key_1:token';

const manage = (method: string, path: string, login = AS_KEY): Promise<Response> =>
  fetch(`http://127.0.0.1:${node.managementPort}/api/connections${path}`, {
    method,
    headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
  });

/** The names of the open connections that a user sees. */
async function connectionsSeenBy(login: string): Promise<string[]> {
  const response = await manage('GET', '?disable_stats=true', login);
  return ((await response.json()) as { name: string }[]).map(({ name }) => name);
}

beforeAll(async () => {
  temporary = await temporaryHome();
  listener = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  node = await startRabbitMq({
    home: path.join(temporary.folder, 'rabbitmq'),
    logFile: path.join(temporary.folder, 'log/rabbitmq.log'),
    definitions: rabbitMqDefinitions({ vhost: VHOST, users: [own] }),
    keyLogin: { url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}` },
    management: true,
  });
});
afterAll(async () => {
  await node?.stop();
  listener?.close();
  await temporary.remove();
});

it('asks the listener about users that it does not know, and not about its own', async () => {
  await (await connect(own.name, own.password)).close();
  expect(asked).toEqual([]);
  await (await connect('key_1', 'secret')).close();
  expect(asked.map(({ path }) => path)).toEqual(['/broker/user', '/broker/user', '/broker/vhost']);
  for (const [user, password] of [
    ['key_1', 'wrong'],
    ['key_2', 'secret'],
    [own.name, 'secret'],
  ] as const)
    await expect(connect(user, password)).rejects.toThrow(/ACCESS_REFUSED/);
});

it('lets a key do what the listener permits, by exchange and routing key', async () => {
  const connection = await connect('key_1', 'secret');
  const publish = async (exchange: string, routingKey: string): Promise<void> => {
    const channel = await connection.createConfirmChannel();
    const refusal = new Promise<never>((_, reject) => channel.once('error', reject));
    channel.publish(exchange, routingKey, Buffer.from(''));
    await Promise.race([channel.waitForConfirms(), refusal]);
  };
  await publish('amq.topic', 'mine');
  await expect(publish('amq.topic', 'theirs')).rejects.toThrow(/ACCESS_REFUSED/);
  await expect(publish('amq.direct', 'mine')).rejects.toThrow(/ACCESS_REFUSED/);
  expect(asked.filter(({ path }) => path === '/broker/topic').map(({ key }) => key)).toEqual(['mine', 'theirs']);
  await connection.close();
});

it('lets a key with the tag `management` close its own connections, and no others', async () => {
  const [mine, theirs] = await Promise.all([connect('key_1', 'secret'), connect(own.name, own.password)]);
  const closed = new Promise<Error>((resolve) => mine.once('close', resolve));
  const [all, seen] = await Promise.all([`${own.name}:${own.password}`, AS_KEY].map(connectionsSeenBy));
  expect([all!.length, seen!.length]).toEqual([2, 1]);
  const statuses: number[] = [];
  for (const name of [...all!.filter((each) => !seen!.includes(each)), ...seen!])
    statuses.push((await manage('DELETE', `/${encodeURIComponent(name)}`)).status);
  expect(statuses).toEqual([401, 204]);
  expect((await closed).message).toMatch(/CONNECTION_FORCED/);
  await theirs.close();
});

it('bounds the channels of a connection', async () => {
  const connection = await connect(own.name, own.password);
  const open = await Promise.allSettled(Array.from({ length: CHANNEL_MAX + 20 }, () => connection.createChannel()));
  expect(open.filter(({ status }) => status === 'fulfilled')).toHaveLength(CHANNEL_MAX);
  await connection.close();
});
