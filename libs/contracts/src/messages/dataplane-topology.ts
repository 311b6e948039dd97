import { exchanges } from './exchanges.js';
import { commandsQueue, deadLettersTopology, QUORUM, type QueueContract } from './queues.js';
import { mergeTopologies, retryTopology, type TopologyContract } from './topology.js';

/**
 * Reports of all dataplanes, with a TTL: a stale one would look current. A report may be lost, but on a classic queue all would be while its
 * node is down, and every dataplane would look silent.
 */
export const reportsQueue: QueueContract = {
  name: 'dataplane-control.status',
  durable: true,
  arguments: {
    ...QUORUM,
    'x-message-ttl': 5_000,
    'x-max-length': 10_000,
    'x-overflow': 'drop-head',
    'x-single-active-consumer': true,
  },
};

/** Events of all dataplanes; none may be lost. */
export const eventsQueue: QueueContract = { ...commandsQueue('dataplane-control'), name: 'dataplane-control.events' };

/** Control commands of a dataplane: one agent at a time consumes, and commands wait while none does. */
export const controlQueue = (name: string): QueueContract => ({
  name: `dataplane.${name}.control`,
  durable: true,
  arguments: { ...QUORUM, 'x-single-active-consumer': true, ...FOR_AGENTS },
});

/** Operations of a dataplane. One that is not finished goes back to its place when its agent disconnects. */
export const operationsQueue = (name: string): QueueContract => ({
  name: `dataplane.${name}.operations`,
  durable: true,
  arguments: { ...QUORUM, ...FOR_AGENTS },
});

/** A command that ends its agent twenty times is dead-lettered. */
const FOR_AGENTS = {
  'x-delivery-limit': 20,
  'x-max-length': 100_000,
  'x-overflow': 'reject-publish',
  'x-dead-letter-exchange': exchanges.deadLetters.name,
  'x-dead-letter-strategy': 'at-least-once',
} as const;

export const reportKey = (name: string): string => `dataplane.${name}`;
export const eventKey = (name: string): string => `dataplane.${name}.events`;
export const commandKey = (name: string, verb: 'shutdown' | 'run' | 'health' | 'cancel'): string =>
  `dataplane.${name}.${verb}`;

/** What dataplane-control declares besides its stream and its handlers: the queues of what agents publish. */
export function dataplaneControlTopology(): TopologyContract {
  return mergeTopologies(
    {
      exchanges: [exchanges.reports, exchanges.commands],
      queues: [reportsQueue, eventsQueue],
      bindings: [
        { exchange: exchanges.reports.name, queue: reportsQueue.name, key: 'dataplane.*' },
        { exchange: exchanges.reports.name, queue: eventsQueue.name, key: 'dataplane.*.events' },
      ],
    },
    retryTopology(eventsQueue),
  );
}

/**
 * The queues of one dataplane, which dataplane-control declares at its first report; agents declare nothing. dataplane-control gets a copy of
 * each command. Its queue is bound last: until the dataplane's own queues exist the broker returns commands as unroutable.
 */
export function dataplaneTopology(name: string): TopologyContract {
  const copies = commandsQueue('dataplane-control');
  const [control, operations] = [controlQueue(name), operationsQueue(name)];
  return {
    exchanges: [exchanges.commands, ...deadLettersTopology.exchanges],
    queues: [control, operations, copies],
    bindings: [
      { exchange: exchanges.commands.name, queue: control.name, key: commandKey(name, 'shutdown') },
      { exchange: exchanges.commands.name, queue: control.name, key: commandKey(name, 'health') },
      { exchange: exchanges.commands.name, queue: control.name, key: commandKey(name, 'cancel') },
      { exchange: exchanges.commands.name, queue: operations.name, key: commandKey(name, 'run') },
      { exchange: exchanges.commands.name, queue: copies.name, key: commandKey(name, 'shutdown') },
      { exchange: exchanges.commands.name, queue: copies.name, key: commandKey(name, 'run') },
    ],
  };
}
