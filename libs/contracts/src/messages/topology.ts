import { exchanges } from './exchanges.js';
import { beatsQueue, deadLettersTopology, type QueueContract } from './queues.js';

/** Exchanges, queues and bindings as plain data; `libs/messaging` declares them. */
export interface TopologyContract {
  exchanges: { name: string; type: 'topic' | 'direct' | 'fanout' }[];
  queues: QueueContract[];
  bindings: { exchange: string; queue: string; key: string }[];
}

/** What a process that owns a state stream declares besides its snapshot queue. */
export function streamOwnerTopology(): TopologyContract {
  return {
    exchanges: [exchanges.state, exchanges.requests, ...deadLettersTopology.exchanges],
    queues: [...deadLettersTopology.queues],
    bindings: [...deadLettersTopology.bindings],
  };
}

/** What reader-heartbeat declares: the line on which readers beat, one queue a partition. */
export function readerHeartbeatTopology(partitions: readonly number[]): TopologyContract {
  const base = streamOwnerTopology();
  return {
    exchanges: [exchanges.heartbeats, ...base.exchanges],
    queues: [...partitions.map(beatsQueue), ...base.queues],
    bindings: [
      ...partitions.map((partition) => ({
        exchange: exchanges.heartbeats.name,
        queue: beatsQueue(partition).name,
        key: '#',
      })),
      ...base.bindings,
    ],
  };
}
