import { exchanges } from './exchanges.js';

/** A queue and the arguments that belong to its name: other arguments mean a new name, never a changed queue. */
export interface QueueContract {
  readonly name: string;
  readonly durable: boolean;
  readonly exclusive?: boolean;
  readonly autoDelete?: boolean;
  readonly arguments?: Readonly<Record<string, string | number | boolean>>;
}

/** Milliseconds a heartbeat may wait in its queue: an older one would look fresh to a consumer that was away. */
export const HEARTBEAT_TTL_MS = 5_000;

/** Where the heartbeats of one partition wait; one consumer at a time, the oldest are dropped when it is full. */
export function beatsQueue(partition: number): QueueContract {
  return {
    name: `reader-heartbeat.beats.${partition}`,
    durable: true,
    arguments: {
      'x-message-ttl': HEARTBEAT_TTL_MS,
      'x-max-length': 100_000,
      'x-overflow': 'drop-head',
      'x-single-active-consumer': true,
    },
  };
}

/**
 * Messages that could not be handled, each with its reason in the headers. A classic queue: people look at what is in it
 * and put it back, and a quorum queue of RabbitMQ 4 would drop what was put back twenty times.
 */
export const deadLettersQueue: QueueContract = {
  name: 'signalbox.dead-letters',
  durable: true,
  arguments: { 'x-max-length': 100_000, 'x-max-length-bytes': 268_435_456, 'x-overflow': 'drop-head' },
};

/** The queue on which the present owner of a stream answers snapshot requests; it dies with the owner's connection. */
export function snapshotQueue(stream: string, instance: string): QueueContract {
  return { name: `snapshot.${stream}.${instance}`, durable: false, exclusive: true, autoDelete: true };
}

/** The queue of one gateway process for all the streams it follows; when it overflows, the gap makes it resync. */
export function replicaQueue(instance: string): QueueContract {
  return {
    name: `gateway.replica.${instance}`,
    durable: false,
    exclusive: true,
    autoDelete: true,
    arguments: { 'x-max-length': 20_000, 'x-overflow': 'drop-head' },
  };
}

/** The routing key by which the snapshot of a stream is asked for on `signalbox.requests`. */
export const snapshotKey = (stream: string): string => `${stream}.snapshot`;

/** What every process declares: the place for what it cannot handle. */
export const deadLettersTopology = {
  exchanges: [exchanges.deadLetters],
  queues: [deadLettersQueue],
  bindings: [{ exchange: exchanges.deadLetters.name, queue: deadLettersQueue.name, key: '#' }],
};
