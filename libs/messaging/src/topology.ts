import type { Channel } from 'amqplib';

/** An exchange; always durable. */
export interface ExchangeSpec {
  readonly name: string;
  readonly type: 'topic' | 'direct' | 'fanout' | 'x-consistent-hash';
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

/**
 * Declares everything: exchanges, then queues with their bindings, then the bindings between exchanges, so that nothing arrives before its
 * queue is there. Declaring what is there already changes nothing.
 * @param prepared what the broker was prepared with: its exchanges and queues are only looked for
 * @throws the broker's error, and the channel is closed, where something exists with other properties, or is not there
 */
export async function declareTopology(channel: Channel, topology: Topology, prepared = NOTHING): Promise<void> {
  const given = namesIn(prepared);
  for (const { name, type } of topology.exchanges) {
    if (given.exchanges.has(name)) await channel.checkExchange(name);
    else await channel.assertExchange(name, type, { durable: true });
  }
  for (const { name, durable, exclusive = false, autoDelete = false, arguments: args } of topology.queues) {
    if (given.queues.has(name)) await channel.checkQueue(name);
    else await channel.assertQueue(name, { durable, exclusive, autoDelete, ...(args && { arguments: args }) });
  }
  for (const { exchange, queue, key } of topology.bindings)
    if (!given.queues.has(queue)) await channel.bindQueue(queue, exchange, key);
  for (const { exchange, destination, key } of topology.exchangeBindings ?? [])
    if (!given.exchanges.has(destination)) await channel.bindExchange(destination, exchange, key);
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
