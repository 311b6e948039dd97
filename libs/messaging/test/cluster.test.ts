import { collectLogs, eventually, FaultyCluster } from '@signalbox/testing';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Amqp, type Topology } from '../src/index.js';

/** The home of the classic queue is the node to which the client was connected that declared it first. */
const HOME = 0;
const [CLASSIC, QUORUM] = ['test.classic', 'test.quorum'];

const topology: Topology = {
  exchanges: [
    { name: 'test.events', type: 'topic' },
    { name: 'test.dead-letters', type: 'topic' },
  ],
  queues: [
    { name: CLASSIC, durable: true, arguments: { 'x-queue-type': 'classic' } },
    { name: QUORUM, durable: true, arguments: { 'x-queue-type': 'quorum' } },
    { name: 'test.dead', durable: true, arguments: { 'x-queue-type': 'quorum' } },
  ],
  bindings: [
    { exchange: 'test.events', queue: CLASSIC, key: 'classic' },
    { exchange: 'test.events', queue: QUORUM, key: 'quorum' },
    { exchange: 'test.dead-letters', queue: 'test.dead', key: '#' },
  ],
};

describe('on a cluster of three nodes', () => {
  const logs = collectLogs();
  let cluster: FaultyCluster;
  let observer: ChannelModel;
  let channel: Channel;
  let amqp: Amqp;

  const make = (name: string): Amqp =>
    new Amqp({
      url: cluster.url,
      name,
      logger: logs.logger,
      topology,
      deadLetters: { exchange: 'test.dead-letters' },
      reconnect: { minMs: 20, maxMs: 500 },
    });
  const publish = (routingKey: string, body: number): Promise<void> =>
    amqp.publisher.publish({ exchange: 'test.events', routingKey, type: 'n', body, mandatory: true, persistent: true });
  const linesOf = (msg: string) => logs.lines.filter((line) => line['msg'] === msg);

  beforeAll(async () => {
    cluster = await FaultyCluster.start();
    const first = await connect(cluster.nodeUrl(HOME));
    await (await first.createChannel()).assertQueue(CLASSIC, topology.queues[0]);
    await first.close();
    observer = await connect(cluster.nodeUrl(1));
    channel = await observer.createChannel();
    amqp = make('subject');
    await amqp.open();
  });
  afterAll(async () => {
    await amqp?.close();
    await observer?.close();
    await cluster?.close();
  });

  it('goes on without a node: connects to another one, and declares later what the missing node holds', async () => {
    const seen: string[] = [];
    const take = (queue: string) =>
      amqp.subscribe({ queue, schema: z.int(), handler: ({ body }) => void seen.push(`${queue} ${body}`) });
    const [classic, quorum] = [take(CLASSIC), take(QUORUM)];
    await Promise.all([classic.ready, quorum.ready]);
    await publish('classic', 1);
    await publish('quorum', 1);
    await eventually(() => seen.length === 2);

    await cluster.kill(HOME);
    await eventually(() => !classic.active);
    // One that comes up now finds the queue on the node that is down, and the connections of others may have been there.
    const late = make('late');
    await late.open();
    await eventually(() => amqp.status().up);
    expect(late.complaints).toEqual([
      expect.stringMatching(/^queue test\.classic is not declared: .*is down or inaccessible/),
    ]);
    expect(classic.active).toBe(false);

    const { sinceMs } = late.status();
    await cluster.start(HOME);
    await eventually(() => classic.active && late.complaints.length === 0, { timeoutMs: 15_000 });
    await publish('classic', 3);
    // RabbitMQ 3.10 sometimes finds no leader for a quorum queue before the node is back.
    await eventually(async () => {
      await publish('quorum', 3);
      return seen.includes(`${CLASSIC} 3`) && seen.includes(`${QUORUM} 3`);
    });
    // It is the same connection all the time.
    expect(late.status()).toMatchObject({ up: true, sinceMs });
    await late.close();
    const { queue } = linesOf('queue not declared; trying again').at(-1) ?? {};
    expect(queue).toBe(CLASSIC);
    expect(linesOf('queue declared')).not.toEqual([]);
    // With host and port, without password.
    const password = new URL(cluster.nodeUrl(0)).password;
    expect(JSON.stringify(logs.lines)).not.toContain(password);
  });

  it('still refuses what another queue has been declared with', async () => {
    await channel.assertQueue('test.other', { durable: true, arguments: { 'x-max-length': 1 } });
    const other: Topology = { ...topology, queues: [{ name: 'test.other', durable: true }], bindings: [] };
    const refused = new Amqp({
      url: cluster.url,
      name: 'refused',
      logger: logs.logger,
      topology: other,
      deadLetters: { exchange: 'test.dead-letters' },
    });
    const opened = refused.open().catch((error: unknown) => error);
    const warning = await eventually(() =>
      logs.lines.find(({ reason }) => typeof reason === 'string' && reason.includes('x-max-length')),
    );
    expect(warning['host']).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(refused.status().up).toBe(false);
    await refused.close();
    await opened;
  });
});
