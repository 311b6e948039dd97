import { rabbitMqDefinitions, startRabbitMqCluster, type RabbitMqCluster } from '@signalbox/local-infra';
import amqp from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processesOf, temporaryHome } from './temporary-home.js';

let temporary: Awaited<ReturnType<typeof temporaryHome>>;
let cluster: RabbitMqCluster;

const connect = (index: number) => amqp.connect(`amqp://u:p@${cluster.hosts[index]}/things`);
/** As the nodes see themselves. */
const seenBy = async (index: number): Promise<string[]> =>
  JSON.parse(await cluster.node(index).control('cluster_status', '--formatter', 'json')).running_nodes;

// Two are enough to see that they find each other; `libs/messaging` has a test with three.
beforeAll(async () => {
  temporary = await temporaryHome();
  cluster = await startRabbitMqCluster({
    home: temporary.folder,
    size: 2,
    definitions: rabbitMqDefinitions({
      vhost: 'things',
      users: [{ name: 'u', password: 'p', configure: '.*', write: '.*', read: '.*' }],
    }),
  });
});
afterAll(async () => {
  await cluster?.stop();
  await temporary.remove();
});

it('is one broker: a queue of one node can be used at the other', async () => {
  expect(await seenBy(1)).toEqual(expect.arrayContaining([...cluster.names]));
  const [first, second] = await Promise.all([connect(0), connect(1)]);
  await (await second.createChannel()).assertQueue('kept', { durable: true });
  const channel = await first.createConfirmChannel();
  channel.sendToQueue('kept', Buffer.from('still here'), { persistent: true });
  await channel.waitForConfirms();
  await Promise.all([first.close(), second.close()]);
});

it('goes on without a node that was killed, which comes back on its port with its data', async () => {
  await cluster.kill(1);
  expect(() => cluster.node(1)).toThrow('node 1 is down');
  const first = await connect(0);
  const refused = await first.createChannel();
  refused.on('error', () => undefined);
  await expect(refused.assertQueue('kept', { durable: true })).rejects.toThrow(/is down or inaccessible/);

  await cluster.start(1);
  const second = await connect(1);
  const message = await (await second.createChannel()).get('kept');
  expect(message && message.content.toString()).toBe('still here');
  await Promise.all([first.close(), second.close()]);
});

it('leaves no process behind when it stops', async () => {
  expect(await processesOf(temporary.folder)).not.toEqual([]);
  await cluster.stop();
  expect(await processesOf(temporary.folder)).toEqual([]);
});
