import {
  commonTopology,
  controlQueue,
  exchanges,
  operationsQueue,
  partitionQueue,
} from '@signalbox/contracts/messages';
import type { KeyBroker } from '@signalbox/testing';
import type { ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn, type KeyClient } from '../../support/key-client.js';
import { KeySystem, type BrokerKey } from '../../support/key-system.js';

type Work = (channel: ConfirmChannel) => unknown;

const publish =
  (exchange: string, key: string, properties = {}): Work =>
  (channel) =>
    channel.publish(exchange, key, Buffer.from('{}'), properties);
const consume =
  (queue: string): Work =>
  (channel) =>
    channel.consume(queue, () => undefined);

/** Queues that are there, each with a message: of the dataplane of the key, of another one, and of services. */
const OWN = ['dataplane.main.control', 'dataplane.main.operations'];
const OTHERS = [
  'dataplane.other.control',
  'dataplane.other.operations',
  'dataplane-control.status',
  'reader-heartbeat.partition.0',
  'registry.commands',
  'signalbox.dead-letters',
  'changes.shop',
];
/** Of a reader of the key, and of another one. */
const CONTROL = ['reader.llama-0.control', 'reader.mistral-0.control'];
const PRIVATE = Object.values(exchanges)
  .map(({ name }) => name)
  .filter((name) => !['signalbox.heartbeats', 'signalbox.reports', 'signalbox.dead-letters'].includes(name));
const MANY = 120;
const LANES = 12;
const MIB = 1024 * 1024;

/** Those that have none here until a service declares them: no message expires in these. */
function standIns(): string[] {
  const known = commonTopology().queues.map(({ name }) => name);
  return OTHERS.filter((name) => !name.startsWith('dataplane.') && !known.includes(name));
}

/** What neither a reader nor an agent may do, whatever its name. */
const forbidden: [what: string, work: Work][] = [
  ['report for another dataplane', publish('signalbox.reports', 'dataplane.other')],
  ['report for a dataplane that it invents', publish('signalbox.reports', 'dataplane.invented-1')],
  ['publish events of another dataplane', publish('signalbox.reports', 'dataplane.other.events')],
  ['publish a heartbeat of another reader', publish('signalbox.heartbeats', 'mistral-1')],
  ['publish a heartbeat with a key that begins otherwise', publish('signalbox.heartbeats', 'a-llama-1')],
  ['publish a canary', publish('signalbox.heartbeats', 'canary.1f')],
  ['dead-letter a command of another dataplane', publish('signalbox.dead-letters', 'dataplane.other.operations')],
  ['dead-letter for a service', publish('signalbox.dead-letters', 'registry.commands')],
  ['publish to the default exchange', publish('', 'dataplane.other.control')],
  ['publish to the default exchange for its own queue', publish('', 'dataplane.main.control')],
  ...PRIVATE.map((name): [string, Work] => [`publish to ${name}`, publish(name, 'dataplane.main.shutdown')]),
  ...OTHERS.flatMap((queue): [string, Work][] => [
    [`consume ${queue}`, consume(queue)],
    [`get a message of ${queue}`, (channel) => channel.get(queue)],
    [`purge ${queue}`, (channel) => channel.purgeQueue(queue)],
    [`delete ${queue}`, (channel) => channel.deleteQueue(queue)],
    [`bind ${queue}`, (channel) => channel.bindQueue(queue, 'signalbox.heartbeats', '#')],
  ]),
  ...OWN.flatMap((queue): [string, Work][] => [
    [`delete ${queue}`, (channel) => channel.deleteQueue(queue)],
    [`bind ${queue}`, (channel) => channel.bindQueue(queue, 'signalbox.commands', '#')],
    [`unbind ${queue}`, (channel) => channel.unbindQueue(queue, 'signalbox.commands', 'dataplane.main.shutdown')],
  ]),
  ['declare a queue', (channel) => channel.assertQueue('mine')],
  ['declare a queue that the broker names', (channel) => channel.assertQueue('', { exclusive: true })],
  ['declare a queue of changes', (channel) => channel.assertQueue('changes.mine')],
  ['declare the queues of an invented dataplane', (channel) => channel.assertQueue('dataplane.invented-1.control')],
  ['declare the control queue of another reader', (channel) => channel.assertQueue('reader.mistral-1.control')],
  ['consume the control queue of another reader', consume('reader.mistral-0.control')],
  ['purge the control queue of another reader', (channel) => channel.purgeQueue('reader.mistral-0.control')],
  [
    'declare an exchange that is called like a control queue',
    (channel) => channel.assertExchange('reader.llama-1.control', 'topic'),
  ],
  [
    'have the commands of another reader',
    (channel) => channel.bindQueue('reader.llama-0.control', 'signalbox.reader-commands', 'mistral-1'),
  ],
  ...['#', '*', 'llama-#'].map((key): [string, Work] => [
    `have the commands of readers by ${key}`,
    (channel) => channel.bindQueue('reader.llama-0.control', 'signalbox.reader-commands', key),
  ]),
  ...['signalbox.heartbeats', 'signalbox.commands'].map((exchange): [string, Work] => [
    `bind a control queue to ${exchange}`,
    (channel) => channel.bindQueue('reader.llama-0.control', exchange, 'llama-0'),
  ]),
  [
    'dead-letter from a control queue to commands',
    (channel) => channel.assertQueue('reader.llama-2.control', { deadLetterExchange: 'signalbox.commands' }),
  ],
  ['declare an exchange', (channel) => channel.assertExchange('mine', 'fanout')],
  ['delete an exchange', (channel) => channel.deleteExchange('signalbox.heartbeats')],
  [
    'bind an exchange to another',
    (channel) => channel.bindExchange('signalbox.commands', 'signalbox.heartbeats', 'llama-1'),
  ],
];

export function keysMayDoTheirPart(broker: () => KeyBroker): void {
  describe('API keys at a broker', () => {
    let keys: KeySystem;
    let reader: BrokerKey;
    let agent: BrokerKey;
    const clients = new Map<string, KeyClient>();
    let operator: KeyClient;

    /** How many messages each queue has. */
    const messages = async (queues: readonly string[]): Promise<Record<string, number>> => {
      const counts: Record<string, number> = {};
      await operator.attempt(async (channel) => {
        for (const queue of queues) counts[queue] = (await channel.checkQueue(queue)).messageCount;
      });
      return counts;
    };

    beforeAll(async () => {
      keys = await KeySystem.start(broker());
      operator = await keys.connect(keys.broker.urlOf('operator'));
      const declared = await operator.attempt(async (channel) => {
        for (const { name, ...options } of ['main', 'other'].flatMap((name) => [
          controlQueue(name),
          operationsQueue(name),
        ]))
          await channel.assertQueue(name, options);
        for (const name of standIns()) await channel.assertQueue(name);
        for (const queue of CONTROL) await channel.assertQueue(queue);
        for (const queue of [...OWN, ...OTHERS]) channel.sendToQueue(queue, Buffer.from('kept'));
      });
      if (declared !== 'done') throw new Error(declared);
      reader = await keys.newKey({ kind: 'reader', readers: 'llama-*' });
      agent = await keys.newKey({ kind: 'agent', dataplane: 'main' });
      clients.set('reader', await keys.connectKey(reader));
      clients.set('agent', await keys.connectKey(agent));
    });
    afterAll(async () => {
      // Services declare them with other arguments.
      await operator?.attempt(async (channel) => {
        for (const name of standIns()) await channel.deleteQueue(name);
      });
      await keys?.close();
    });

    it.each<[string, string, () => Work]>([
      ['reader', 'publish heartbeats of its readers', () => publish('signalbox.heartbeats', 'llama-1')],
      ['reader', 'sign them', () => publish('signalbox.heartbeats', 'llama-2', { userId: reader.id })],
      [
        'reader',
        'have a control queue with the commands for one of its readers',
        () => async (channel) => {
          await channel.assertQueue('reader.llama-a/b.c.control');
          await channel.bindQueue('reader.llama-a/b.c.control', 'signalbox.reader-commands', 'llama-a/b.c');
          await channel.consume('reader.llama-a/b.c.control', () => undefined);
          await channel.deleteQueue('reader.llama-a/b.c.control');
        },
      ],
      ['agent', 'report', () => publish('signalbox.reports', 'dataplane.main', { userId: agent.id })],
      ['agent', 'publish events', () => publish('signalbox.reports', 'dataplane.main.events')],
      ['agent', 'dead-letter a command', () => publish('signalbox.dead-letters', 'dataplane.main.control')],
      ['agent', 'dead-letter an operation', () => publish('signalbox.dead-letters', 'dataplane.main.operations')],
      ['agent', 'consume its commands', () => consume('dataplane.main.control')],
      ['agent', 'consume its operations', () => consume('dataplane.main.operations')],
      // RabbitMQ has one permission for consuming and purging: it could acknowledge them as well.
      ['agent', 'purge its operations', () => (channel) => channel.purgeQueue('dataplane.main.operations')],
    ])('let the %s %s', async (kind, _, work) => {
      expect(await clients.get(kind)!.attempt(work())).toBe('done');
    });

    it.each(['reader', 'agent'])('let the %s do nothing of another one, and declare nothing', async (kind) => {
      const own: [string, Work][] =
        kind === 'agent'
          ? [['publish a heartbeat', publish('signalbox.heartbeats', 'llama-1')]]
          : [
              ['report', publish('signalbox.reports', 'dataplane.main')],
              ['consume commands', consume('dataplane.main.control')],
              ['purge commands', (channel) => channel.purgeQueue('dataplane.main.control')],
              ['dead-letter', publish('signalbox.dead-letters', 'dataplane.main.control')],
            ];
      const before = await messages(OTHERS);
      const client = clients.get(kind)!;
      const outcomes: string[] = [];
      for (const [what, work] of [...forbidden, ...own]) outcomes.push(`${what}: ${await client.attempt(work)}`);
      expect(outcomes.filter((outcome) => !outcome.includes('ACCESS_REFUSED'))).toEqual([]);
      expect(await messages(OTHERS)).toEqual(before);
      expect(Object.values(before).every((count) => count > 0)).toBe(true);
    });

    it.each(['reader', 'agent'])('let the %s send in no name but its own', async (kind) => {
      const own = kind === 'reader' ? ['signalbox.heartbeats', 'llama-1'] : ['signalbox.reports', 'dataplane.main'];
      for (const userId of [reader.id, agent.id, 'readers', 'dataplanes', 'gateway'].filter(
        (id) => id !== { reader, agent }[kind]!.id,
      ))
        expect(await clients.get(kind)!.attempt(publish(own[0]!, own[1]!, { userId }))).toMatch('PRECONDITION_FAILED');
    });

    it.each(['reader', 'agent'])('let the %s make none of many queues', async (kind) => {
      const client = clients.get(kind)!;
      const outcomes = await Promise.all(
        Array.from({ length: LANES }, async (_, lane) => {
          const refused: string[] = [];
          for (let i = 0; i < MANY / LANES; i++)
            refused.push(await client.attempt((channel) => channel.assertQueue(`flood.${lane}.${i}`)));
          return refused;
        }),
      );
      expect(outcomes.flat().filter((outcome) => outcome.includes('ACCESS_REFUSED'))).toHaveLength(MANY);
      expect(await operator.attempt((channel) => channel.checkQueue('flood.0.0'))).toMatch('NOT_FOUND');
    });

    it('let no client publish a message of more than 16 MiB, or fill the memory of the broker with smaller ones', async () => {
      const [client, key] = [clients.get('reader')!, 'llama-1'];
      const send = (bytes: number): Promise<string> =>
        client.attempt((channel) => channel.publish('signalbox.heartbeats', key, Buffer.alloc(bytes)));
      expect(await send(16 * MIB + 1)).toMatch('PRECONDITION_FAILED');
      const queue = 'reader-heartbeat.partition.0';
      // Nothing expires meanwhile.
      const { 'x-message-ttl': _, ...kept } = partitionQueue(0).arguments ?? {};
      void _;
      await operator.attempt(async (channel) => {
        await channel.deleteQueue(queue);
        await channel.assertQueue(queue, { arguments: kept });
        await channel.bindQueue(queue, 'signalbox.heartbeats', '#');
      });
      for (let i = 0; i < 10; i++) expect(await send(10 * MIB)).toBe('done');
      expect((await messages([queue]))[queue]).toBe(6);
    });

    it('are asked for at each login: nothing else opens a connection', async () => {
      const secret = await keys.newKey({});
      const publishable = await keys.newKey({ kind: 'publishable' });
      const elsewhere = await keys.newKey({ kind: 'reader', readers: '*', networks: ['192.0.2.0/24'] });
      const wrong = [
        { id: reader.id, key: 'wrong' },
        { id: reader.id, key: agent.key },
        { id: agent.id, key: reader.key },
        { id: reader.id, key: secret.key },
        { id: secret.id, key: secret.key },
        { id: publishable.id, key: publishable.key },
        { id: 'admin', key: keys.system.adminKey },
        { id: 'gateway', key: 'wrong' },
      ];
      // The broker waits a second before it refuses.
      const outcomes = await Promise.all(wrong.map((key) => logIn(keys.broker.urlOfKey(key))));
      expect(outcomes.filter((outcome) => !outcome.includes('ACCESS_REFUSED'))).toEqual([]);
      const otherVhost = new URL(keys.broker.urlOfKey(reader));
      otherVhost.pathname = '/%2F';
      // amqplib does not give the reason where the broker refuses the virtual host.
      for (const url of [keys.broker.urlOfKey(elsewhere), otherVhost.href]) expect(await logIn(url)).not.toBe('in');
      expect(await logIn(keys.broker.urlOfKey(reader))).toBe('in');
      expect(await logIn(keys.broker.urlOf('readers'))).toBe('in');
    });

    it('let no client in that logs in to the management API as the gateway does', async () => {
      const base = keys.broker.gatewayEnv.SIGNALBOX_BROKER_MANAGEMENT_URL;
      for (const { id, key } of [reader, agent]) {
        const authorization = `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}`;
        expect((await fetch(`${base}/api/connections`, { headers: { authorization } })).status).toBe(401);
      }
    });
  });
}
