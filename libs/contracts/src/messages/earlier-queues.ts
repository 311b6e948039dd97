import {
  agentDeadLettersQueue,
  deadLettersQueue,
  deadLettersTopology,
  refusedHeartbeatsQueue,
  type QueueContract,
} from './queues.js';

/** Queues of earlier releases that would still get messages, and that no process consumes. */
export interface EarlierQueues {
  /** What waits in them is of no use any more: requests whose senders have given up, and reports. */
  readonly disposable: readonly string[];
  /** The letters in them stay until people have replayed or discarded them. */
  readonly deadLetters: readonly { readonly name: string; readonly now: QueueContract }[];
}

/** Those that were classic queues: until 0.2.0. */
export const earlierQueues: EarlierQueues = {
  disposable: [
    ...['registry', 'dataplane-control', 'datasource-sync', 'journal'].map((service) => `${service}.requests`),
    'dataplane-control.reports',
  ],
  deadLetters: [
    { name: 'dead-letters', now: deadLettersQueue },
    { name: 'agent-dead-letters', now: agentDeadLettersQueue },
    { name: 'refused-heartbeats', now: refusedHeartbeatsQueue },
  ],
};

/** By what the earlier queues of dead letters were bound: by the same keys as those of now. */
export const earlierBindings = (): { exchange: string; queue: string; key: string }[] =>
  earlierQueues.deadLetters.flatMap(({ name, now }) =>
    deadLettersTopology.bindings
      .filter(({ queue }) => queue === now.name)
      .map((binding) => ({ ...binding, queue: name })),
  );
