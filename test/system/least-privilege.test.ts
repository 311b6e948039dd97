import { SERVICES, type AmqpUserName } from '@signalbox/local-infra';
import { signalboxBroker, type SignalboxBroker } from '@signalbox/testing';
import amqp, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Work = (channel: ConfirmChannel) => unknown;

let broker: SignalboxBroker;
const connections = new Map<AmqpUserName, Promise<ChannelModel>>();

beforeAll(async () => {
  broker = await signalboxBroker();
});
afterAll(async () => {
  for (const connection of connections.values()) await (await connection).close();
  await broker.remove();
});

function connectAs(user: AmqpUserName): Promise<ChannelModel> {
  const opened = connections.get(user) ?? amqp.connect(broker.urlOf(user));
  connections.set(user, opened);
  return opened;
}

/** Does the work on a new channel and returns the outcome: `done`, or the broker's refusal. */
async function as(user: AmqpUserName, work: Work): Promise<string> {
  const channel = await (await connectAs(user)).createConfirmChannel();
  const refused = new Promise<string>((resolve) =>
    channel.once('error', (error: Error) =>
      resolve(/ACCESS_REFUSED|NOT_FOUND/.exec(error.message)?.[0] ?? error.message),
    ),
  );
  const done = (async () => {
    await work(channel);
    await channel.waitForConfirms();
    await channel.close();
    return 'done';
  })().catch(() => refused);
  return Promise.race([done, refused]);
}

const publish =
  (exchange: string, key = 'k'): Work =>
  (channel) =>
    channel.publish(exchange, key, Buffer.from('{}'));
const exchangeOf =
  (name: string, type: string): Work =>
  (channel) =>
    channel.assertExchange(`signalbox.${name}`, type, { durable: true });

/** A quorum queue with dead-lettering, as services have them. */
const ownQueue =
  (name: string): Work =>
  (channel) =>
    channel.assertQueue(name, {
      durable: true,
      deadLetterExchange: 'signalbox.dead-letters',
      arguments: { 'x-queue-type': 'quorum' },
    });

describe('permissions of the broker users', () => {
  it('lets every service declare the dead-letter queue and publish to it', async () => {
    for (const service of SERVICES) {
      const deadLetter: Work = async (channel) => {
        await channel.assertExchange('signalbox.dead-letters', 'topic', { durable: true });
        await channel.assertQueue('signalbox.dead-letters', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
        await channel.bindQueue('signalbox.dead-letters', 'signalbox.dead-letters', '#');
        channel.publish('signalbox.dead-letters', 'k', Buffer.from('{}'), { mandatory: true });
      };
      expect([service, await as(service, deadLetter)]).toEqual([service, 'done']);
    }
  });

  it('lets only the service itself declare, bind, read or delete its queues', async () => {
    for (const service of SERVICES) {
      const name = `${service}.requests`;
      const use: Work = async (channel) => {
        await exchangeOf('requests', 'direct')(channel);
        await ownQueue(name)(channel);
        await channel.bindQueue(name, 'signalbox.requests', service);
        const { consumerTag } = await channel.consume(name, () => {});
        await channel.cancel(consumerTag);
      };
      expect([service, await as(service, use)]).toEqual([service, 'done']);
      for (const other of [...SERVICES, 'readers', 'dataplanes'] as const) {
        if (other === service) continue;
        for (const work of [
          ownQueue(name),
          (c: ConfirmChannel) => c.bindQueue(name, 'signalbox.requests', 'x'),
          (c: ConfirmChannel) => c.get(name),
          (c: ConfirmChannel) => c.deleteQueue(name),
        ]) {
          expect([other, name, await as(other, work)]).toEqual([other, name, 'ACCESS_REFUSED']);
        }
      }
    }
  });

  it('lets a service answer a request of the gateway over direct reply-to', async () => {
    const gateway = await (await connectAs('gateway')).createChannel();
    const reply = new Promise<string>((resolve) => {
      void gateway.consume('amq.rabbitmq.reply-to', (message) => message && resolve(message.content.toString()), {
        noAck: true,
      });
    });
    const registry = await (await connectAs('registry')).createChannel();
    await registry.consume('registry.requests', (message) => {
      if (!message) return;
      registry.sendToQueue(message.properties.replyTo as string, Buffer.from('answer'), {
        correlationId: message.properties.correlationId as string,
      });
      registry.ack(message);
    });
    gateway.publish('signalbox.requests', 'registry', Buffer.from('question'), {
      replyTo: 'amq.rabbitmq.reply-to',
      correlationId: '1',
    });
    expect(await reply).toBe('answer');
    await gateway.close();
    await registry.close();
  });

  it('lets owners publish their state streams and the gateway receive them', async () => {
    for (const [service, stream] of [
      ['registry', 'registry'],
      ['reader-heartbeat', 'readers.0'],
      ['dataplane-control', 'dataplane'],
      ['datasource-sync', 'datasources'],
      ['gateway', 'gateway'],
    ] as const) {
      const own: Work = async (channel) => {
        await exchangeOf('state', 'topic')(channel);
        await channel.assertQueue(`snapshot.${stream}.1f`, { exclusive: true, durable: false, autoDelete: true });
        await channel.bindQueue(`snapshot.${stream}.1f`, 'signalbox.requests', `${stream}.snapshot`);
        await publish('signalbox.state', stream)(channel);
      };
      expect([service, await as(service, own)]).toEqual([service, 'done']);
    }
    const follow: Work = async (channel) => {
      await channel.assertQueue('gateway.replica.1f', { exclusive: true, durable: false });
      await channel.bindQueue('gateway.replica.1f', 'signalbox.state', '#');
    };
    expect(await as('gateway', follow)).toBe('done');
  });

  it('lets the owner of the readers have a queue for requests about them, and no other service', async () => {
    const queue = 'reader-heartbeat.requests.0.1f';
    const own: Work = async (channel) => {
      await channel.assertQueue(queue, { exclusive: true, durable: false, autoDelete: true });
      await channel.bindQueue(queue, 'signalbox.requests', 'readers.0');
    };
    expect(await as('reader-heartbeat', own)).toBe('done');
    expect(await as('gateway', publish('signalbox.requests', 'readers.0'))).toBe('done');
    for (const other of ['gateway', 'registry', 'readers'] as const)
      expect([other, await as(other, own)]).toEqual([other, 'ACCESS_REFUSED']);
  });

  it('lets a reader publish heartbeats and have a control queue, and nothing else', async () => {
    const beats: Work = async (channel) => {
      await exchangeOf('heartbeats', 'topic')(channel);
      await channel.assertQueue('reader-heartbeat.beats.0', { durable: true });
      await channel.bindQueue('reader-heartbeat.beats.0', 'signalbox.heartbeats', '#');
    };
    expect(await as('reader-heartbeat', beats)).toBe('done');
    await as('gateway', exchangeOf('commands', 'topic'));

    expect(
      await as('readers', (channel) =>
        channel.publish('signalbox.heartbeats', 'llama', Buffer.from('{}'), { mandatory: true }),
      ),
    ).toBe('done');
    const control: Work = async (channel) => {
      await channel.assertQueue('reader.llama-0.control', { durable: true });
      await channel.consume('reader.llama-0.control', () => {});
    };
    expect(await as('readers', control)).toBe('done');

    const forbidden: Record<string, Work> = {
      'declare a queue': (channel) => channel.assertQueue('mine'),
      'declare a queue that the broker names': (channel) => channel.assertQueue(''),
      'declare an exchange': (channel) => channel.assertExchange('mine', 'topic'),
      'declare an exchange of Signalbox': exchangeOf('heartbeats', 'topic'),
      'delete an exchange of Signalbox': (channel) => channel.deleteExchange('signalbox.heartbeats'),
      'read the heartbeats of others': (channel) => channel.consume('reader-heartbeat.beats.0', () => {}),
      'bind its control queue to heartbeats': (channel) =>
        channel.bindQueue('reader.llama-0.control', 'signalbox.heartbeats', '#'),
      'publish commands': publish('signalbox.commands'),
      'publish requests': publish('signalbox.requests'),
      'publish state': publish('signalbox.state'),
      'report as a dataplane': publish('signalbox.reports'),
      'publish dead letters': publish('signalbox.dead-letters'),
      'write to a queue by its name': publish('', 'registry.requests'),
    };
    for (const [what, work] of Object.entries(forbidden)) {
      const expected = what === 'report as a dataplane' ? /ACCESS_REFUSED|NOT_FOUND/ : /ACCESS_REFUSED/;
      expect([what, await as('readers', work)]).toEqual([what, expect.stringMatching(expected)]);
    }
  });

  it('lets a dataplane report and read its control queue, and nothing else', async () => {
    const owner: Work = async (channel) => {
      await exchangeOf('reports', 'topic')(channel);
      await ownQueue('dataplane.main.control')(channel);
      await channel.bindQueue('dataplane.main.control', 'signalbox.commands', 'dataplane.main.*');
    };
    expect(await as('dataplane-control', owner)).toBe('done');
    expect(await as('dataplanes', publish('signalbox.reports', 'dataplane.main'))).toBe('done');
    expect(await as('dataplanes', (channel) => channel.get('dataplane.main.control'))).toBe('done');
    for (const work of [
      publish('signalbox.commands'),
      publish('signalbox.heartbeats'),
      publish('', 'dataplane.main.control'),
      (c: ConfirmChannel) => c.assertQueue('x'),
    ]) {
      expect(await as('dataplanes', work)).toBe('ACCESS_REFUSED');
    }
  });
});
