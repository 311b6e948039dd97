import { AUDIT_COMMAND, auditQueue } from '../messages/audit.js';
import { eventsQueue } from '../messages/dataplane-topology.js';
import { exchanges } from '../messages/exchanges.js';
import { commandsQueue, retryQueueName, snapshotKey } from '../messages/queues.js';
import { readerControlQueue } from '../messages/reader-commands.js';
import type { BrokerUser } from './broker-users.js';

/** An exchange with routing keys, or with keys of bindings, as templates of `patternOf`. */
export interface KeyRight {
  readonly exchange: string;
  readonly keys: readonly string[];
}

/** What a user may do at the broker. No other user may do it, except the operator. Templates of `patternOf`. */
export interface UserRights {
  readonly publishes: readonly KeyRight[];
  /** From which exchanges, and by which keys, messages go to its own queues. */
  readonly binds: readonly KeyRight[];
  /** Queues, and exchanges, that it declares, binds, consumes, purges and deletes. */
  readonly owns: readonly string[];
  /** Queues of another user from which it consumes. The broker has one permission for that and for purging. */
  readonly consumes: readonly string[];
}

const ANYTHING = ['#'];
const STREAMS = {
  gateway: 'gateway',
  registry: 'registry',
  readers: 'readers.{partition}',
  dataplane: 'dataplane',
  datasources: 'datasources',
} as const;
const streams = Object.values(STREAMS);

/** Exchanges: the ring gives each partition its share through the first; the other gets it while the partition has no owner. */
const PARTITIONS = ['signalbox.heartbeats.p.{partition}', 'signalbox.heartbeats.p.{partition}.held'];
const DATAPLANE_QUEUES = ['dataplane.{dataplane}.control', 'dataplane.{dataplane}.operations'];
const READER = '{reader}';
const commandKeys = (...verbs: string[]): string[] => verbs.map((verb) => `dataplane.{dataplane}.${verb}`);

const right = (exchange: { readonly name: string }, ...keys: string[]): KeyRight => ({ exchange: exchange.name, keys });

/** The queues for replies of the services that request something of a service: the gateway of all, reader-heartbeat of the gateway. */
const REPLIES = 'gateway.replies.{id}';
const READER_HEARTBEAT_REPLIES = 'reader-heartbeat.replies.{id}';

/** The queues whose messages wait for their next try in retry queues. */
const retried = (...queues: string[]) => ({
  publishes: [right(exchanges.retry, ...queues.map((queue) => retryQueueName(queue, '{delay}')))],
  binds: [right(exchanges.retry, ...queues, ...queues.map((queue) => retryQueueName(queue, '{delay}')))],
});

/** An owner publishes its state stream, and answers requests for its snapshot and others. */
const owner = (stream: string, ...requests: string[]) => ({
  publishes: [right(exchanges.state, stream), right(exchanges.replies, REPLIES)],
  binds: [right(exchanges.requests, snapshotKey(stream), ...requests)],
});

/** A service sends entries of the audit trail to the journal. */
const audited = [right(exchanges.audit, AUDIT_COMMAND)];

/** Dead letters have the name of the queue that they come from as routing key: it proves whose they are. */
const withDeadLetters = (
  { publishes, ...rights }: UserRights,
  exchange: { readonly name: string } = exchanges.deadLetters,
): UserRights => ({
  ...rights,
  publishes: [...publishes, right(exchange, ...rights.owns, ...rights.consumes)],
});

const joined = (...parts: Pick<UserRights, 'publishes' | 'binds'>[]) => ({
  publishes: parts.flatMap(({ publishes }) => publishes),
  binds: parts.flatMap(({ binds }) => binds),
});

const commandsOf = (service: string): string => commandsQueue(service).name;

const gateway = joined(owner(STREAMS.gateway), {
  publishes: [
    right(
      exchanges.requests,
      'registry',
      'dataplane-control',
      'datasource-sync',
      'journal',
      'readers.{partition}',
      ...streams.map(snapshotKey),
    ),
    right(exchanges.commands, ...commandKeys('shutdown', 'run')),
    right(exchanges.readerCommands, READER),
    // Its check of the broker travels the way of a reply.
    right(exchanges.replies, 'gateway.check.{id}', READER_HEARTBEAT_REPLIES),
    ...audited,
  ],
  binds: [right(exchanges.state, ...streams), right(exchanges.replies, REPLIES, 'gateway.check.{id}')],
});

const registry = joined(owner(STREAMS.registry, 'registry'), retried(commandsOf('registry')), {
  publishes: audited,
  binds: [right(exchanges.commands, 'registry.#')],
});

const datasourceSync = joined(owner(STREAMS.datasources, 'datasource-sync'), retried(commandsOf('datasource-sync')), {
  publishes: [right(exchanges.changes, ...ANYTHING), ...audited],
  binds: [right(exchanges.commands, 'datasource-sync.#')],
});

const readerHeartbeat = joined(owner(STREAMS.readers, 'readers.{partition}'), {
  publishes: [
    // Its canaries travel through the exchange of the readers.
    right(exchanges.heartbeats, 'canary.{id}'),
    right(exchanges.requests, snapshotKey(STREAMS.gateway)),
  ],
  binds: [
    right(exchanges.heartbeatRing, ...ANYTHING),
    // The keys of readers.
    right(exchanges.state, STREAMS.gateway),
    right(exchanges.replies, READER_HEARTBEAT_REPLIES),
  ],
});

const dataplaneControl = joined(
  owner(STREAMS.dataplane, 'dataplane-control'),
  retried(commandsOf('dataplane-control'), eventsQueue.name),
  {
    publishes: [right(exchanges.commands, ...commandKeys('shutdown', 'health', 'cancel')), ...audited],
    binds: [
      right(exchanges.reports, 'dataplane.*', 'dataplane.*.events'),
      right(exchanges.commands, 'dataplane-control.#', ...commandKeys('shutdown', 'health', 'cancel', 'run')),
    ],
  },
);

const journal = joined(retried(auditQueue.name), {
  publishes: [right(exchanges.replies, REPLIES)],
  binds: [right(exchanges.requests, 'journal'), right(exchanges.audit, AUDIT_COMMAND)],
});

/**
 * The rights at the broker. The permissions at the broker, the checks of senders and the table in docs/security.md follow from it;
 * a test finds exactly it at a real node.
 */
export const brokerRights: Readonly<Record<BrokerUser, UserRights>> = {
  gateway: withDeadLetters({ ...gateway, owns: ['gateway.#', `snapshot.${STREAMS.gateway}.{id}`], consumes: [] }),
  registry: withDeadLetters({ ...registry, owns: ['registry.#', `snapshot.${STREAMS.registry}.{id}`], consumes: [] }),
  'reader-heartbeat': withDeadLetters(
    {
      ...readerHeartbeat,
      owns: ['reader-heartbeat.#', `snapshot.${STREAMS.readers}.{id}`, ...PARTITIONS],
      consumes: [],
    },
    exchanges.refusedHeartbeats,
  ),
  'dataplane-control': withDeadLetters({
    ...dataplaneControl,
    owns: ['dataplane-control.#', `snapshot.${STREAMS.dataplane}.{id}`, ...DATAPLANE_QUEUES],
    consumes: [],
  }),
  'datasource-sync': withDeadLetters({
    ...datasourceSync,
    owns: ['datasource-sync.#', `snapshot.${STREAMS.datasources}.{id}`],
    consumes: [],
  }),
  journal: withDeadLetters({ ...journal, owns: ['journal.#'], consumes: [] }),
  readers: {
    publishes: [right(exchanges.heartbeats, ...ANYTHING)],
    binds: [right(exchanges.readerCommands, READER)],
    owns: [readerControlQueue(READER)],
    consumes: [],
  },
  dataplanes: withDeadLetters({
    publishes: [right(exchanges.reports, 'dataplane.{dataplane}', 'dataplane.{dataplane}.events')],
    binds: [],
    owns: [],
    consumes: DATAPLANE_QUEUES,
  }),
  consumers: { publishes: [], binds: [right(exchanges.changes, ...ANYTHING)], owns: ['changes.#'], consumes: [] },
  operator: {
    publishes: [{ exchange: '', keys: ANYTHING }, ...Object.values(exchanges).map((each) => right(each, ...ANYTHING))],
    binds: Object.values(exchanges).map((each) => right(each, ...ANYTHING)),
    owns: ANYTHING,
    consumes: [],
  },
};
