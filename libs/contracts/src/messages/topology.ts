import { exchanges } from './exchanges.js';
import {
  commandsQueue,
  deadLettersTopology,
  heldQueue,
  partitionQueue,
  requestsQueue,
  retryQueues,
  type QueueContract,
} from './queues.js';

/** Exchanges, queues and bindings as plain data; `libs/messaging` declares them. */
export interface TopologyContract {
  /** `alternate`: the exchange that gets what goes to no queue. */
  exchanges: { name: string; type: 'topic' | 'direct' | 'fanout' | 'x-consistent-hash'; alternate?: string }[];
  queues: QueueContract[];
  bindings: { exchange: string; queue: string; key: string }[];
  exchangeBindings?: { exchange: string; destination: string; key: string }[];
}

/** All heartbeats go on to the ring. */
const ringTopology: TopologyContract = {
  exchanges: [exchanges.heartbeats, exchanges.heartbeatRing],
  queues: [],
  bindings: [],
  exchangeBindings: [{ exchange: exchanges.heartbeats.name, destination: exchanges.heartbeatRing.name, key: '#' }],
};

/** The weight of a partition on the ring. It is that of each, and never changes, so that no key moves. */
const PARTITION_WEIGHT = '10';

const nameOfPartition = (partition: number): string => `${exchanges.heartbeats.name}.p.${partition}`;

/** Gets the share of a partition while it has no owner. */
export const heldExchange = (partition: number): { name: string; type: 'fanout' } => ({
  name: `${nameOfPartition(partition)}.held`,
  type: 'fanout',
});

/** Takes the share of one partition from the ring, whether or not the partition has an owner at present: no key moves when the owner changes. */
export const partitionExchange = (partition: number): { name: string; type: 'fanout'; alternate: string } => ({
  name: nameOfPartition(partition),
  type: 'fanout',
  alternate: heldExchange(partition).name,
});

/** What keeps the heartbeats of a partition for its next owner. Not part of {@link partitionTopology}: an owner does not wait for a quorum. */
export const heldTopology = (partition: number): TopologyContract => ({
  exchanges: [heldExchange(partition)],
  queues: [heldQueue(partition)],
  bindings: [{ exchange: heldExchange(partition).name, queue: heldQueue(partition).name, key: '' }],
});

/** What stays of a partition when it has no owner. */
export const partitionWay = (partition: number): TopologyContract => ({
  exchanges: [exchanges.heartbeatRing, partitionExchange(partition)],
  queues: [],
  bindings: [],
  exchangeBindings: [
    {
      exchange: exchanges.heartbeatRing.name,
      destination: partitionExchange(partition).name,
      key: PARTITION_WEIGHT,
    },
  ],
});

/** What the owner of a partition declares. */
export const partitionTopology = (partition: number): TopologyContract =>
  mergeTopologies(
    {
      exchanges: [partitionExchange(partition)],
      queues: [partitionQueue(partition)],
      bindings: [{ exchange: partitionExchange(partition).name, queue: partitionQueue(partition).name, key: '' }],
    },
    partitionWay(partition),
  );

/** What a process that owns a state stream declares besides its snapshot queue. */
export function streamOwnerTopology(): TopologyContract {
  return {
    exchanges: [exchanges.state, exchanges.requests, exchanges.replies, ...deadLettersTopology.exchanges],
    queues: [...deadLettersTopology.queues],
    bindings: [...deadLettersTopology.bindings],
  };
}

/** What each process of reader-heartbeat declares; the owner of a partition declares that: {@link partitionTopology}. */
export const readerHeartbeatTopology = (): TopologyContract => mergeTopologies(ringTopology, streamOwnerTopology());

/** What a process declares that publishes changes of datasources. Consumers bind queues of their own. */
export function changesTopology(): TopologyContract {
  return { exchanges: [exchanges.changes], queues: [], bindings: [] };
}

/** What a service declares whose handlers answer requests. */
export function answersTopology(service: string): TopologyContract {
  const requests = requestsQueue(service);
  return {
    exchanges: [exchanges.requests, exchanges.replies, ...deadLettersTopology.exchanges],
    queues: [...deadLettersTopology.queues, requests],
    bindings: [
      ...deadLettersTopology.bindings,
      { exchange: exchanges.requests.name, queue: requests.name, key: service },
    ],
  };
}

/** What a service declares whose handlers answer requests and execute commands (routing key `<service>.<verb>`). */
export function handlersTopology(service: string): TopologyContract {
  const commands = commandsQueue(service);
  return mergeTopologies(
    answersTopology(service),
    {
      exchanges: [exchanges.commands],
      queues: [],
      bindings: [{ exchange: exchanges.commands.name, queue: commands.name, key: `${service}.#` }],
    },
    retryTopology(commands),
  );
}

/** A queue with its retry queues. The names of all are their keys on `signalbox.retry`: there, and back. */
export function retryTopology(queue: QueueContract): TopologyContract {
  const queues = [queue, ...retryQueues(queue.name)];
  return {
    exchanges: [exchanges.retry, ...deadLettersTopology.exchanges],
    queues,
    bindings: queues.map(({ name }) => ({ exchange: exchanges.retry.name, queue: name, key: name })),
  };
}

/** The retry path of a queue, as a subscription wants it. */
export function retryPath(queue: string): { exchange: string; queues: string[] } {
  return { exchange: exchanges.retry.name, queues: retryQueues(queue).map(({ name }) => name) };
}

/** Several topologies as one; what stands in more than one of them is declared once. */
export function mergeTopologies(...topologies: readonly TopologyContract[]): TopologyContract {
  const once = <T>(items: T[], key: (item: T) => string): T[] => [
    ...new Map(items.map((item) => [key(item), item])).values(),
  ];
  return {
    exchanges: once(
      topologies.flatMap((each) => each.exchanges),
      ({ name }) => name,
    ),
    queues: once(
      topologies.flatMap((each) => each.queues),
      ({ name }) => name,
    ),
    bindings: once(
      topologies.flatMap((each) => each.bindings),
      ({ exchange, queue, key }) => JSON.stringify([exchange, queue, key]),
    ),
    exchangeBindings: once(
      topologies.flatMap((each) => each.exchangeBindings ?? []),
      ({ exchange, destination, key }) => JSON.stringify([exchange, destination, key]),
    ),
  };
}

/**
 * What a broker is prepared with that has a user for each service: no service may declare or delete what others use too. A service that
 * shares one user with all others declares it itself.
 */
export const commonTopology = (): TopologyContract =>
  mergeTopologies({ ...deadLettersTopology, exchanges: Object.values(exchanges) }, ringTopology);
