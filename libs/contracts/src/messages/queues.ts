import { exchanges } from './exchanges.js';

/** A queue and the arguments that belong to its name: other arguments mean a new name, never a changed queue. */
export interface QueueContract {
  readonly name: string;
  readonly durable: boolean;
  readonly exclusive?: boolean;
  readonly autoDelete?: boolean;
  readonly arguments?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * The type is written on every queue, since a broker may have another default. Quorum queues live on several nodes of a cluster; classic
 * ones die with their node, as what belongs to one connection does anyway.
 */
export const CLASSIC = { 'x-queue-type': 'classic' } as const;
export const QUORUM = { 'x-queue-type': 'quorum' } as const;

/** Milliseconds a heartbeat may wait in its queue: an older one would look current to a consumer that was down. */
export const HEARTBEAT_TTL_MS = 5_000;

/**
 * Where the heartbeats of one partition wait; the oldest are dropped when it is full. Who holds it owns the partition: it is exclusive, and dies
 * with the connection of its owner.
 */
export function partitionQueue(partition: number): QueueContract {
  return {
    name: `reader-heartbeat.partition.${partition}`,
    durable: false,
    exclusive: true,
    autoDelete: true,
    arguments: {
      'x-queue-type': 'classic',
      'x-message-ttl': HEARTBEAT_TTL_MS,
      'x-max-length': 100_000,
      'x-overflow': 'drop-head',
    },
  };
}

/**
 * Where the heartbeats of a partition wait while no process holds its queue, as after the end of a node of the broker: on several nodes, because
 * one that has just ended has the owner's queue with it. Nothing arrives here while the partition has an owner.
 */
export function heldQueue(partition: number): QueueContract {
  return {
    name: `reader-heartbeat.held.${partition}`,
    durable: true,
    arguments: {
      ...QUORUM,
      'x-message-ttl': HEARTBEAT_TTL_MS,
      'x-max-length': 10_000,
      'x-max-length-bytes': 67_108_864,
      'x-overflow': 'drop-head',
    },
  };
}

/** Earlier releases had this durable queue in place of the partitions. It stays bound, and would fill, until it is deleted. */
export const EARLIER_BEATS_QUEUE = 'reader-heartbeat.beats.0';

/**
 * People look at dead letters and put them back, which counts as a delivery: a quorum queue of RabbitMQ 4 drops by default what was
 * delivered twenty times.
 */
const LOOKED_AT_TIMES = 1_000_000;

/**
 * Messages that could not be handled, each with its reason in the headers. It is not called like its exchange: with
 * the permission to write to that, a user could also write to this, and so bind it to other exchanges.
 */
export const deadLettersQueue: QueueContract = {
  name: 'dead-letters.services',
  durable: true,
  arguments: {
    ...QUORUM,
    'x-delivery-limit': LOOKED_AT_TIMES,
    'x-max-length': 100_000,
    'x-max-length-bytes': 268_435_456,
    'x-overflow': 'drop-head',
  },
};

/** The dead letters of reader-heartbeat, apart from all others: a faulty sender of heartbeats must not push commands out of their queue. */
export const refusedHeartbeatsQueue: QueueContract = {
  name: 'dead-letters.heartbeats',
  durable: true,
  arguments: { ...deadLettersQueue.arguments, 'x-max-length': 10_000, 'x-max-length-bytes': 67_108_864 },
};

/** What agents dead-letter, and what is dead-lettered of them: an agent must not push commands of services out of their queue. */
export const agentDeadLettersQueue: QueueContract = { ...refusedHeartbeatsQueue, name: 'dead-letters.agents' };

/** All queues of dead letters, those of commands first. */
export const deadLetterQueues: readonly QueueContract[] = [
  deadLettersQueue,
  agentDeadLettersQueue,
  refusedHeartbeatsQueue,
];

/** The keys of dead letters are names of queues, also of `earlierQueues`: those of services and of snapshots; `AGENT_KEYS` has the others. */
const SERVICE_KEYS = [
  'gateway.#',
  'registry.#',
  'reader-heartbeat.#',
  'datasource-sync.#',
  'journal.#',
  'snapshot.#',
  'dataplane-control.calls',
  'dataplane-control.requests',
  'dataplane-control.commands',
  'dataplane-control.replica.#',
];
/** Queues that agents consume, and those into which they publish. */
const AGENT_KEYS = ['dataplane.#', 'dataplane-control.status', 'dataplane-control.reports', 'dataplane-control.events'];

/**
 * Where requests to a service wait, one queue for all its processes; bound to `signalbox.calls` with the service's name. One that
 * ends its process each time is dropped, long after its requester has given up.
 */
export function requestsQueue(service: string): QueueContract {
  return {
    name: `${service}.calls`,
    durable: true,
    arguments: { ...QUORUM, 'x-delivery-limit': 20, 'x-max-length': 10_000, 'x-overflow': 'reject-publish' },
  };
}

/**
 * Where messages wait that have no requester and must not be lost. The broker dead-letters one whose consumer ended twenty times before
 * it acknowledged it.
 */
export function safeQueue(name: string): QueueContract & Required<Pick<QueueContract, 'arguments'>> {
  return {
    name,
    durable: true,
    arguments: {
      ...QUORUM,
      'x-delivery-limit': 20,
      'x-max-length': 100_000,
      ...safelyTo({ exchange: exchanges.deadLetters.name, key: name }),
    },
  };
}

/** Where commands to a service wait. */
export const commandsQueue = (service: string): QueueContract => safeQueue(`${service}.commands`);

/** How long a message whose handler failed waits for its next try, ms; after the last one it is dead-lettered. */
export const RETRY_DELAYS_MS = [1_000, 10_000, 60_000] as const;

/** @param delay as it stands in the name, for example `10s` */
export const retryQueueName = (queue: string, delay: string): string => `${queue}.wait.${delay}`;

/**
 * The queues in which failed messages of `queue` wait, one a try; bound to `signalbox.retry` with their own name. They give back through
 * that exchange too, so `queue` is bound to it as well: see `retryTopology`.
 */
export function retryQueues(queue: string): QueueContract[] {
  return RETRY_DELAYS_MS.map((delayMs) => ({
    name: retryQueueName(queue, `${delayMs / 1_000}s`),
    durable: true,
    arguments: {
      ...QUORUM,
      'x-message-ttl': delayMs,
      'x-max-length': 100_000,
      ...safelyTo({ exchange: exchanges.retry.name, key: queue }),
    },
  }));
}

/** Dead-lettering that keeps a message until its new place has confirmed it, and refuses what is beyond the bound. */
function safelyTo({ exchange, key }: { exchange: string; key: string }): Record<string, string> {
  return {
    'x-dead-letter-exchange': exchange,
    'x-dead-letter-routing-key': key,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
}

/** The queue on which the present owner of a stream answers snapshot requests; it dies with the owner's connection. */
export function snapshotQueue(stream: string, instance: string): QueueContract {
  return {
    name: `snapshot.${stream}.${instance}`,
    durable: false,
    exclusive: true,
    autoDelete: true,
    arguments: CLASSIC,
  };
}

/** The queue of one process of a service for all the streams it follows; when it overflows, the gap makes it resync. */
export function replicaQueue(service: string, instance: string): QueueContract {
  return {
    name: `${service}.replica.${instance}`,
    durable: false,
    exclusive: true,
    autoDelete: true,
    arguments: { ...CLASSIC, 'x-max-length': 20_000, 'x-overflow': 'drop-head' },
  };
}

/** The queue on which the present owner of a partition answers requests about its readers; it dies with the owner's connection. */
export function partitionRequestsQueue(partition: number, instance: string): QueueContract {
  return {
    name: `reader-heartbeat.requests.${partition}.${instance}`,
    durable: false,
    exclusive: true,
    autoDelete: true,
    arguments: { ...CLASSIC, 'x-max-length': 10_000, 'x-overflow': 'reject-publish' },
  };
}

/** The routing key by which the snapshot of a stream is asked for on `signalbox.calls`. */
export const snapshotKey = (stream: string): string => `${stream}.snapshot`;

/** What every process declares: the places for what it cannot handle. */
export const deadLettersTopology = {
  exchanges: [exchanges.deadLetters, exchanges.refusedHeartbeats],
  queues: [...deadLetterQueues],
  bindings: [
    ...SERVICE_KEYS.map((key) => ({ exchange: exchanges.deadLetters.name, queue: deadLettersQueue.name, key })),
    ...AGENT_KEYS.map((key) => ({ exchange: exchanges.deadLetters.name, queue: agentDeadLettersQueue.name, key })),
    { exchange: exchanges.refusedHeartbeats.name, queue: refusedHeartbeatsQueue.name, key: '#' },
  ],
};
