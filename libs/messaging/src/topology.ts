import type { Channel } from 'amqplib';

/** An exchange; always durable. */
export interface ExchangeSpec {
  readonly name: string;
  readonly type: 'topic' | 'direct' | 'fanout' | 'x-consistent-hash';
  /** The exchange that gets what goes to no queue from here. It belongs to the name, as the arguments of a queue do. */
  readonly alternate?: string;
}

/** A queue. Its arguments belong to its name: other arguments mean a new name, never a changed queue. */
export interface QueueSpec {
  readonly name: string;
  readonly durable: boolean;
  /** Belongs to the connection that declared it and goes with it. */
  readonly exclusive?: boolean;
  readonly autoDelete?: boolean;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** What of an exchange goes to a queue; `key` is a routing key, a pattern or, for `x-consistent-hash`, a weight. */
export interface BindingSpec {
  readonly exchange: string;
  readonly queue: string;
  readonly key: string;
}

/** What of an exchange goes to another exchange; `key` as in {@link BindingSpec}. */
export interface ExchangeBindingSpec {
  readonly exchange: string;
  readonly destination: string;
  readonly key: string;
}

/** Exchanges, queues and bindings as plain data. */
export interface Topology {
  readonly exchanges: readonly ExchangeSpec[];
  readonly queues: readonly QueueSpec[];
  readonly bindings: readonly BindingSpec[];
  readonly exchangeBindings?: readonly ExchangeBindingSpec[];
}

const NOTHING: Topology = { exchanges: [], queues: [], bindings: [] };

/** One step of declaring a topology; `queue`: the one that it needs, which is on one node of the broker or on a few. */
export interface Declaration {
  readonly queue?: string;
  readonly on: (channel: Channel) => Promise<unknown>;
}

/**
 * The steps of declaring everything: exchanges, then queues with their bindings, then the bindings between exchanges, so that nothing arrives
 * before its queue is there. Declaring what is there already changes nothing.
 * @param prepared what the broker was prepared with: its exchanges and queues are only looked for
 */
export function declarationsOf(topology: Topology, prepared = NOTHING): Declaration[] {
  const { exchanges, queues, bindings, exchangeBindings = [] } = topology;
  const given = namesIn(prepared);
  return [
    ...exchanges.map(({ name, type, alternate }): Declaration =>
      given.exchanges.has(name)
        ? { on: (channel) => channel.checkExchange(name) }
        : {
            on: (channel) =>
              channel.assertExchange(name, type, { durable: true, ...(alternate && { alternateExchange: alternate }) }),
          },
    ),
    ...queues.map(({ name, durable, exclusive = false, autoDelete = false, arguments: args }): Declaration => {
      const options = { durable, exclusive, autoDelete, ...(args && { arguments: args }) };
      return given.queues.has(name)
        ? { queue: name, on: (channel) => channel.checkQueue(name) }
        : { queue: name, on: (channel) => channel.assertQueue(name, options) };
    }),
    ...bindings
      .filter(({ queue }) => !given.queues.has(queue))
      .map(({ exchange, queue, key }): Declaration => ({
        queue,
        on: (channel) => channel.bindQueue(queue, exchange, key),
      })),
    ...exchangeBindings
      .filter(({ destination }) => !given.exchanges.has(destination))
      .map(({ exchange, destination, key }): Declaration => ({
        on: (channel) => channel.bindExchange(destination, exchange, key),
      })),
  ];
}

/**
 * Declares everything: see `declarationsOf`.
 * @throws the broker's error, and the channel is closed, where something exists with other properties, or is not there
 */
export async function declareTopology(channel: Channel, topology: Topology, prepared?: Topology): Promise<void> {
  for (const { on } of declarationsOf(topology, prepared)) await on(channel);
}

/**
 * Deletes these queues, then the bindings of the others of a topology. What is not there is no error.
 * @throws the broker's error, and the channel is closed
 */
export async function undeclareTopology(
  channel: Channel,
  { bindings }: Topology,
  queues: readonly string[],
): Promise<void> {
  for (const queue of queues) await channel.deleteQueue(queue);
  for (const { queue, exchange, key } of bindings)
    if (!queues.includes(queue)) await channel.unbindQueue(queue, exchange, key);
}

const namesIn = ({ exchanges, queues }: Topology) => ({
  exchanges: new Set(exchanges.map(({ name }) => name)),
  queues: new Set(queues.map(({ name }) => name)),
});

/** The part of a topology that one queue needs: itself, its bindings and their exchanges. */
export function topologyOfQueue(topologies: readonly Topology[], queue: string): Topology {
  const bindings = topologies.flatMap((topology) => topology.bindings).filter((binding) => binding.queue === queue);
  const bound = new Set(bindings.map((binding) => binding.exchange));
  const exchanges = new Map(
    topologies.flatMap((topology) => topology.exchanges).map((exchange) => [exchange.name, exchange]),
  );
  const spec = topologies.flatMap((topology) => topology.queues).find(({ name }) => name === queue);
  return {
    exchanges: [...exchanges.values()].filter(({ name }) => bound.has(name)),
    queues: spec ? [spec] : [],
    bindings,
  };
}
