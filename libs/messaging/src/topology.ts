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

/** Exchanges, queues and bindings as plain data. */
export interface Topology {
  readonly exchanges: readonly ExchangeSpec[];
  readonly queues: readonly QueueSpec[];
  readonly bindings: readonly BindingSpec[];
}

/**
 * Declares everything, exchanges first. Declaring what is there already changes nothing.
 * @throws the broker's error, and the channel is closed, where something exists with other properties
 */
export async function declareTopology(channel: Channel, topology: Topology): Promise<void> {
  for (const { name, type } of topology.exchanges) await channel.assertExchange(name, type, { durable: true });
  for (const { name, durable, exclusive = false, autoDelete = false, arguments: args } of topology.queues) {
    await channel.assertQueue(name, { durable, exclusive, autoDelete, ...(args && { arguments: args }) });
  }
  for (const { exchange, queue, key } of topology.bindings) await channel.bindQueue(queue, exchange, key);
}

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
