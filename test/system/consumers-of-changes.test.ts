import { commonTopology, exchanges } from '@signalbox/contracts/messages';
import { brokerSetup } from '@signalbox/contracts/rights';
import { Amqp } from '@signalbox/messaging';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  callManagement,
  collectLogs,
  eventually,
  python,
  signalboxBroker,
  type SignalboxBroker,
} from '@signalbox/testing';
import { checkout } from '../support/script-run.js';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

/** What docs/messages.md promises to consumers of changes, with the broker user that they get. */
describe('a consumer of changes', () => {
  let broker: SignalboxBroker;
  let service: Amqp;
  let connection: ChannelModel;
  let channel: Channel;

  beforeAll(async () => {
    broker = await signalboxBroker(brokerSetup());
    service = new Amqp({
      url: broker.urlOf('datasource-sync'),
      name: 'datasource-sync',
      logger: collectLogs().logger,
      topology: { exchanges: [exchanges.changes], queues: [], bindings: [] },
      deadLetters: { exchange: exchanges.deadLetters.name },
      prepared: commonTopology(),
      asks: false,
    });
    await service.open();
    connection = await connect(broker.urlOf('consumers'));
    channel = await connection.createChannel();
  });
  afterAll(async () => {
    await connection?.close();
    await service?.close();
    await broker?.remove();
  });

  const publish = (routingKey: string, body: object = {}): Promise<void> =>
    service.publisher.publish({ exchange: exchanges.changes.name, routingKey, type: 'x', body, persistent: true });

  /** The routing keys of the messages that a queue gets from now on. */
  async function keysOf(queue: string): Promise<string[]> {
    const keys: string[] = [];
    await channel.consume(queue, (message) => void keys.push(message!.fields.routingKey), { noAck: true });
    return keys;
  }

  it('gets what it binds a queue of its own to, and nothing else', async () => {
    await channel.assertQueue('changes.orders', { arguments: { 'x-queue-type': 'quorum' } });
    await channel.bindQueue('changes.orders', exchanges.changes.name, 'ds_1.shop.orders.*');
    const keys = await keysOf('changes.orders');
    await publish('ds_1.shop.customers.insert');
    await publish('ds_1.shop.orders.insert');
    await eventually(() => keys.length > 0);
    expect(keys).toEqual(['ds_1.shop.orders.insert']);
  });

  it('spreads changes over several queues with an exchange of its own, each routing key to one', async () => {
    await channel.assertExchange('changes.by-table', 'x-consistent-hash', { durable: true });
    await channel.bindExchange('changes.by-table', exchanges.changes.name, '#');
    const queues = ['changes.by-table.0', 'changes.by-table.1'];
    const keys: string[][] = [];
    for (const queue of queues) {
      await channel.assertQueue(queue, { arguments: { 'x-single-active-consumer': true } });
      await channel.bindQueue(queue, 'changes.by-table', '10');
      keys.push(await keysOf(queue));
    }
    const tables = Array.from({ length: 30 }, (_, index) => `ds_1.shop.table_${index}.update`);
    for (const key of [...tables, ...tables]) await publish(key);
    await eventually(() => keys.flat().length === 2 * tables.length);
    for (const received of keys) expect(received.length).toBeGreaterThan(0);
    for (const key of tables) expect(keys.filter((received) => received.includes(key))).toHaveLength(1);
  });

  it.each([
    ['in Node', process.execPath, 'changes-consumer.mjs', ['example', '#']],
    ['in Python', python(), 'changes-consumer.py', ['--name', 'example', '--key', '#']],
  ])('prints a change that is delivered twice once: the example %s', async (_, program, script, args) => {
    await channel.deleteQueue('changes.example');
    const child = spawn(program, [join(checkout, 'examples', script), ...args], {
      env: { PATH: process.env['PATH'], CONSUMER_RABBITMQ_URL: broker.urlOf('consumers') },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += String(text)));
    await eventually(() => printed.includes('consuming from changes.example'));
    for (const id of ['ds_1:0/1:0', 'ds_1:0/1:0', 'ds_1:0/2:0'])
      await publish('ds_1.shop.orders.insert', {
        id,
        op: 'insert',
        schema: 'shop',
        table: 'orders',
        key: { id: 1 },
        after: { id: 1 },
      });
    await eventually(() => printed.includes('ds_1:0/2:0'));
    expect(printed.match(/ds_1:0\/1:0 insert shop\.orders/g)).toHaveLength(1);
  });

  it('can publish no change, and read no queue of a service', async () => {
    await expect(
      refusalOf((own) => own.publish(exchanges.changes.name, 'ds_1.shop.orders.insert', Buffer.from('{}'))),
    ).resolves.toMatch(/ACCESS_REFUSED/);
    await expect(refusalOf((own) => own.assertQueue('registry.commands'))).resolves.toMatch(/ACCESS_REFUSED/);
    await expect(refusalOf((own) => own.bindQueue('changes.orders', exchanges.commands.name, '#'))).resolves.toMatch(
      /ACCESS_REFUSED|NOT_FOUND/,
    );
  });

  it('can be confined to one datasource by topic permissions', async () => {
    const { username, pathname } = new URL(broker.urlOf('consumers'));
    const path = `/topic-permissions${pathname}/${username}`;
    await callManagement('PUT', path, { exchange: exchanges.changes.name, write: '^$', read: '^ds_1[.]' });
    const queue = 'changes.orders';
    for (const key of ['#', 'ds_2.#'])
      await expect(refusalOf((own) => own.bindQueue(queue, exchanges.changes.name, key))).resolves.toMatch(
        /ACCESS_REFUSED/,
      );
    const own = await connection.createChannel();
    await own.bindQueue(queue, exchanges.changes.name, 'ds_1.#');
    await callManagement('DELETE', path);
  });

  /** Why the broker closes a channel in which this is done. */
  async function refusalOf(act: (own: Channel) => unknown): Promise<string> {
    const own = await connection.createChannel();
    const closed = new Promise<string>((resolve) => own.once('error', (error: Error) => resolve(error.message)));
    await Promise.resolve(act(own)).catch(() => {});
    return closed;
  }
});
