import {
  commonTopology,
  deadLetterQueues,
  exchanges,
  heldExchange,
  partitionExchange,
} from '@signalbox/contracts/messages';
import { brokerRights, brokerSetup, brokerUsers, keysOf, type BrokerUser } from '@signalbox/contracts/rights';
import { signalboxBroker, type SignalboxBroker } from '@signalbox/testing';
import { connect, type Channel, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';

type Work = (channel: ConfirmChannel) => unknown;

/** What is attempted, whether the table permits it, and how it is done. */
type Attempt = readonly [what: string, wanted: boolean, work: Work];

/** Attempts at the same time: the broker takes its time to close a channel on which it refused something. */
const AT_ONCE = 16;

/** A channel of a user, which is opened again after each refusal. */
class Attempts {
  private channel: ConfirmChannel | undefined;

  constructor(private readonly connection: ChannelModel) {}

  /** Whether the broker permits it. @throws Error where it fails for another reason than a permission */
  async may(work: Work): Promise<boolean> {
    const channel = (this.channel ??= await this.connection.createConfirmChannel());
    const refusal = new Promise<Error>((resolve) => channel.once('error', resolve));
    const outcome = await Promise.race([
      refusal,
      (async () => {
        await work(channel);
        await channel.waitForConfirms();
      })().then(
        () => undefined,
        () => refusal,
      ),
    ]);
    channel.removeAllListeners('error');
    if (outcome === undefined) return true;
    this.channel = undefined;
    // What is refused for the state of a queue was permitted.
    if (/PRECONDITION_FAILED|RESOURCE_LOCKED/.test(outcome.message)) return true;
    if (/ACCESS_REFUSED/.test(outcome.message)) return false;
    throw outcome;
  }
}

/** A text that a template describes. */
const sampleOf = (template: string): string =>
  template
    .replace(/^#$/, 'any.thing')
    .replace(/\.#$/, '.some.thing')
    .replace('{partition}', '7')
    .replace('{dataplane}', 'main')
    .replace('{reader}', 'pool/llama.0')
    .replace('{id}', '1f')
    .replace('{delay}', '10s');

/** Whether a template describes one of the samples; said word by word, and not by the pattern that the permissions are made of. */
function describes(template: string, sample: string): boolean {
  if (template === '#') return true;
  // An id of a reader may have dots.
  if (template.includes('{reader}')) {
    const [before, after] = template.split('{reader}') as [string, string];
    const id = sample.slice(before.length, sample.length - after.length);
    return sample === before + id + after && /^[\w.:/-]+$/.test(id);
  }
  const [wanted, given] = [template.split('.'), sample.split('.')];
  const open = wanted.at(-1) === '#';
  if (open) wanted.pop();
  if (open ? given.length <= wanted.length : given.length !== wanted.length) return false;
  return wanted.every((word, at) => sampleOf(word) === given[at] || word === given[at]);
}

const anyDescribes = (templates: readonly string[], sample: string): boolean =>
  templates.some((template) => describes(template, sample));

const rights = Object.values(brokerRights);
const names = Object.values(exchanges).map(({ name }): string => name);
/** For each exchange every key that any user has a right to, and some that none has. */
const keysAt = (exchange: string): string[] => [
  ...new Set(
    [
      ...rights.flatMap(({ publishes, binds }) => [...keysOf(publishes, exchange), ...keysOf(binds, exchange)]),
      'unknown',
      '#',
      'gateway',
      '',
    ].map(sampleOf),
  ),
];
const NEVER = [...deadLetterQueues.map(({ name }) => name), 'mine', 'amq.gen-mine', 'evaluator.replica.1f'];
const queues = [
  ...new Set([...rights.flatMap(({ owns, consumes }) => [...owns, ...consumes]).map(sampleOf), ...NEVER]),
];

/** Of the queues that all services use: they are quorum queues. */
const isPrepared = (queue: string): boolean => commonTopology().queues.some(({ name }) => name === queue);

let broker: SignalboxBroker;
const connections = new Map<BrokerUser, ChannelModel>();

beforeAll(async () => {
  broker = await signalboxBroker(brokerSetup());
  for (const user of brokerUsers) connections.set(user, await connect(broker.urlOf(user)));
  // All are there, and in use, so that none is deleted; `amq.` is the broker's own.
  const channel = await connections.get('operator')!.createConfirmChannel();
  const { name, type, alternate: alternateExchange } = partitionExchange(7);
  await channel.assertExchange(heldExchange(7).name, heldExchange(7).type);
  await channel.assertExchange(name, type, { alternateExchange });
  for (const queue of queues.filter((name) => !name.startsWith('amq.'))) {
    await channel.assertQueue(queue, { durable: true, ...commonTopology().queues.find(({ name }) => name === queue) });
    await channel.consume(queue, () => {});
    for (const exchange of names)
      // The keys of bindings to the ring are weights.
      await channel.bindQueue(queue, exchange, exchange === exchanges.heartbeatRing.name ? '1' : `used.${queue}`);
  }
});
afterAll(async () => {
  for (const connection of connections.values()) await connection.close().catch(() => undefined);
  await broker?.remove();
});

/** Attempts all: what is permitted and not in the table, and the other way round. */
async function differences(user: BrokerUser, attempts: readonly Attempt[]): Promise<string[]> {
  const left = [...attempts];
  const found: string[] = [];
  const work = async (): Promise<void> => {
    const account = new Attempts(connections.get(user)!);
    for (let next = left.pop(); next; next = left.pop()) {
      const [what, wanted, attempt] = next;
      const may = await account.may(attempt);
      if (may !== wanted) found.push(`${user} ${may ? 'may' : 'may not'} ${what}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

it.concurrent.each(brokerUsers)('lets %s publish, and bind, with exactly the keys of the table', async (user) => {
  const { publishes, binds, owns } = brokerRights[user];
  const [own] = owns.map(sampleOf);
  const attempts = [...names, '', 'amq.topic'].flatMap((exchange) =>
    keysAt(exchange).flatMap((key): Attempt[] => [
      [
        `publish to '${exchange}' with ${key}`,
        anyDescribes(keysOf(publishes, exchange), key) || (user === 'operator' && exchange === 'amq.topic'),
        (channel) => channel.publish(exchange, key, Buffer.from('{}')),
      ],
      ...(exchange === ''
        ? []
        : ([
            [
              `bind to ${exchange} with ${key}`,
              own !== undefined &&
                (anyDescribes(keysOf(binds, exchange), key) || (user === 'operator' && exchange === 'amq.topic')),
              (channel) => channel.bindQueue(own === 'any.thing' ? 'mine' : (own ?? 'mine'), exchange, key),
            ],
          ] satisfies Attempt[])),
    ]),
  );
  expect(attempts.length).toBeGreaterThan(100);
  expect(await differences(user, attempts)).toEqual([]);
});

it.concurrent.each(brokerUsers)(
  'lets %s use exactly the queues of the table, and declare or delete no exchange but those of partitions',
  async (user) => {
    const { owns, consumes, binds } = brokerRights[user];
    const isOperator = user === 'operator';
    const bindable = binds[0] && { exchange: binds[0].exchange, key: sampleOf(binds[0].keys[0]!) };
    const attempts = queues.flatMap((queue): Attempt[] => {
      const isOwn = anyDescribes(owns, queue);
      const reads = isOwn || anyDescribes(consumes, queue);
      // The broker keeps the names of its own queues to itself, for every user.
      const exists = !queue.startsWith('amq.');
      return [
        [
          `declare ${queue}`,
          isOwn && exists,
          (channel) => channel.assertQueue(queue, { durable: true, messageTtl: 1 }),
        ],
        ...(exists
          ? ([
              [
                `consume ${queue}`,
                reads,
                async (channel) => channel.cancel((await channel.consume(queue, () => {})).consumerTag),
              ],
              [`purge ${queue}`, reads, (channel) => channel.purgeQueue(queue)],
              [
                `bind ${queue}`,
                isOwn && bindable !== undefined,
                (channel) => channel.bindQueue(queue, bindable?.exchange ?? 'amq.topic', bindable?.key ?? 'x'),
              ],
              // The broker closes the connection that wants to delete a quorum queue if it is unused.
              ...(isOwn && isPrepared(queue)
                ? []
                : ([
                    [`delete ${queue}`, isOwn, (channel) => channel.deleteQueue(queue, { ifUnused: true })],
                  ] satisfies Attempt[])),
            ] satisfies Attempt[])
          : []),
      ];
    });
    for (const name of [...names, 'mine'])
      attempts.push(
        [`declare the exchange ${name}`, isOperator, (channel) => channel.assertExchange(name, 'topic')],
        [`delete the exchange ${name}`, isOperator, (channel) => channel.deleteExchange(name, { ifUnused: true })],
      );
    const { name: partition, alternate: alternateExchange } = partitionExchange(7);
    const declarePartition = (channel: Channel) => channel.assertExchange(partition, 'fanout', { alternateExchange });
    const hasPartitions = isOperator || user === 'reader-heartbeat';
    const ring = exchanges.heartbeatRing.name;
    attempts.push(
      [`declare the exchange ${partition}`, hasPartitions, declarePartition],
      [
        `declare the exchange ${alternateExchange}`,
        hasPartitions,
        (channel) => channel.assertExchange(alternateExchange, 'fanout'),
      ],
      [`bind ${partition} to the ring`, hasPartitions, (channel) => channel.bindExchange(partition, ring, '10')],
    );
    expect(attempts.length).toBeGreaterThan(100);
    expect(await differences(user, attempts)).toEqual([]);
  },
);
