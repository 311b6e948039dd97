import {
  commandKey,
  commandsQueue,
  commonTopology,
  dataplaneControlTopology,
  dataplaneTopology,
  deadLettersQueue,
  eventKey,
  exchanges,
  handlersTopology,
  mergeTopologies,
  reportKey,
  retryPath,
  type TopologyContract,
} from '@signalbox/contracts/messages';
import { brokerSetup, prefixOfUsers, senderRules } from '@signalbox/contracts/rights';
import type { AmqpUserName } from '@signalbox/local-infra';
import { Amqp, PublishError } from '@signalbox/messaging';
import { collectLogs, eventually, signalboxBroker, type SignalboxBroker } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const WITH_HANDLERS = ['registry', 'dataplane-control', 'datasource-sync'] as const;
const SENDERS_TOPOLOGY = { exchanges: [exchanges.commands], queues: [], bindings: [] };

/** The rights that `npm start` and Docker Compose give to each service's user, and what its handlers need. */
describe('the broker permissions of a service', () => {
  let broker: SignalboxBroker;
  const opened: Amqp[] = [];

  beforeAll(async () => {
    broker = await signalboxBroker(brokerSetup());
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((amqp) => amqp.close()));
  });
  afterAll(() => broker.remove());

  const openAs = async (user: AmqpUserName, topology: TopologyContract): Promise<Amqp> => {
    const amqp = new Amqp({
      url: broker.urlOf(user),
      name: user,
      logger: collectLogs().logger,
      topology,
      deadLetters: { exchange: exchanges.deadLetters.name },
      prepared: commonTopology(),
      senders: senderRules(
        prefixOfUsers(decodeURIComponent(new URL(broker.urlOf(user)).username), user),
        // Agents bind nothing: they consume queues of dataplane-control.
        user === 'dataplanes' ? undefined : user,
      ),
      asks: false,
    });
    opened.push(amqp);
    await amqp.open();
    return amqp;
  };

  it.each(WITH_HANDLERS)(
    'are sufficient for the handlers of %s: a command that fails is retried and then dead-lettered',
    async (service) => {
      const { name: queue } = commandsQueue(service);
      const { exchange, queues } = retryPath(queue);
      const amqp = await openAs(service, handlersTopology(service));
      const tries: number[] = [];
      const handler = ({ tries: before }: { tries: number }): void => {
        tries.push(before);
        throw new Error('never');
      };
      // The first of its retry queues is enough here: the others differ only in their delay.
      await amqp.subscribe({ queue, schema: z.unknown(), retry: { exchange, queues: queues.slice(0, 1) }, handler })
        .ready;
      // No service sends such a command yet.
      const operator = await openAs('operator', SENDERS_TOPOLOGY);
      await operator.publisher.publish({
        exchange: exchanges.commands.name,
        routingKey: `${service}.try`,
        type: 'try',
        messageId: service,
        body: {},
        mandatory: true,
        persistent: true,
      });
      const deadLettered: unknown[] = [];
      await operator.subscribeBatch({
        queue: deadLettersQueue.name,
        handler: (batch) => void deadLettered.push(...batch.map(({ messageId }) => messageId)),
      }).ready;
      await eventually(() => deadLettered.length === 1);
      expect([tries, deadLettered]).toEqual([[1, 2], [service]]);
    },
  );

  it('are sufficient for dataplanes, dataplane-control and the gateway', async () => {
    const control = await openAs(
      'dataplane-control',
      mergeTopologies(handlersTopology('dataplane-control'), dataplaneControlTopology()),
    );
    const received: string[] = [];
    const collect = ({ routingKey }: { routingKey: string }): void => void received.push(routingKey);
    await Promise.all(
      ['dataplane-control.status', 'dataplane-control.events', 'dataplane-control.commands'].map(
        (queue) => control.subscribe({ queue, schema: z.unknown(), handler: collect }).ready,
      ),
    );
    const agent = await openAs('dataplanes', { exchanges: [], queues: [], bindings: [] });
    const commands: unknown[] = [];
    const subscriptions = ['control', 'operations'].map((kind) =>
      agent.subscribe({
        queue: `dataplane.main.${kind}`,
        schema: z.unknown(),
        handler: ({ type }) => void commands.push(type),
      }),
    );
    await agent.publisher.publish({
      exchange: exchanges.reports.name,
      routingKey: reportKey('main'),
      type: 'r',
      body: {},
    });
    await agent.publisher.publish({
      exchange: exchanges.reports.name,
      routingKey: eventKey('main'),
      type: 'e',
      body: {},
      mandatory: true,
      persistent: true,
    });
    await control.declare(dataplaneTopology('main'));
    await Promise.all(subscriptions.map(({ ready }) => ready));
    const gateway = await openAs('gateway', SENDERS_TOPOLOGY);
    for (const [sender, verb] of [
      [gateway, 'shutdown'],
      [gateway, 'run'],
      [control, 'health'],
    ] as const) {
      await sender.publisher.publish({
        exchange: exchanges.commands.name,
        routingKey: commandKey('main', verb),
        type: verb,
        body: {},
        mandatory: true,
        persistent: true,
      });
    }
    await eventually(() => commands.length === 3 && received.length === 4);
    expect(new Set(commands)).toEqual(new Set(['health', 'run', 'shutdown']));
    expect(new Set(received)).toEqual(
      new Set(['dataplane.main', 'dataplane.main.events', 'dataplane.main.run', 'dataplane.main.shutdown']),
    );
    // Reports are all that an agent may send.
    await expect(
      agent.publisher.publish({
        exchange: exchanges.commands.name,
        routingKey: commandKey('main', 'shutdown'),
        type: 'x',
        body: {},
      }),
    ).rejects.toThrow(PublishError);
  });
});
