import type { RabbitMqUser } from '../rabbitmq/definitions.js';
import type { Credentials } from './credentials.js';
import { AMQP_USERS, type AmqpUserName } from './names.js';

/**
 * What each user does with the broker. RabbitMQ's three permissions follow from it: declaring needs configure;
 * publishing needs write; consuming needs read; binding needs write on the queue and read on the exchange; a queue that
 * dead-letters needs read on itself and write on the exchange that its messages go to.
 */
interface Grant {
  /** Exchanges it publishes to, without `signalbox.`. It may declare them. */
  publishes: string[];
  /** Exchanges it binds queues to, without `signalbox.`. It may declare them. */
  bindsTo: string[];
  /** Regular expressions of queues, and exchanges, that are its own: it declares, binds, consumes and deletes them. */
  queues: string[];
  /** Regular expressions of queues it declares and consumes but that another user binds. */
  sharedQueues?: string[];
  /** Publishes to queues by name: replies to requests go that way, and commands to one reader. */
  namesQueues?: boolean;
  /** It uses exchanges that services declare, and declares none itself. */
  guest?: boolean;
}

/** Every service dead-letters messages, and the first one that starts declares the exchange and the queue. */
const DEAD_LETTERS = 'dead-letters';

const GRANTS: Record<AmqpUserName, Grant> = {
  gateway: {
    publishes: ['requests', 'commands', 'audit', 'state', DEAD_LETTERS],
    bindsTo: ['requests', 'state', DEAD_LETTERS],
    queues: ['gateway[.].+', 'snapshot[.]gateway[.].+'],
    namesQueues: true,
  },
  registry: {
    publishes: ['commands', 'audit', 'state', 'retry', DEAD_LETTERS],
    bindsTo: ['requests', 'commands', 'retry', DEAD_LETTERS],
    queues: ['registry[.].+', 'snapshot[.]registry[.].+'],
    namesQueues: true,
  },
  'reader-heartbeat': {
    publishes: ['heartbeats', 'state', 'retry', DEAD_LETTERS], // its canaries travel through the readers' exchange
    bindsTo: ['heartbeats', 'requests', 'commands', 'retry', DEAD_LETTERS],
    queues: ['reader-heartbeat[.].+', 'snapshot[.]readers[.].+'],
    namesQueues: true,
  },
  'dataplane-control': {
    publishes: ['commands', 'audit', 'state', 'retry', DEAD_LETTERS],
    bindsTo: ['reports', 'requests', 'commands', 'retry', DEAD_LETTERS],
    queues: ['dataplane-control[.].+', 'snapshot[.]dataplane[.].+', 'dataplane[.][a-z0-9-]+[.](control|operations)'],
    namesQueues: true,
  },
  'datasource-sync': {
    publishes: ['changes', 'audit', 'state', 'retry', DEAD_LETTERS],
    bindsTo: ['requests', 'commands', 'retry', DEAD_LETTERS],
    queues: ['datasource-sync[.].+', 'snapshot[.]datasources[.].+'],
    namesQueues: true,
  },
  journal: {
    publishes: ['retry', DEAD_LETTERS],
    bindsTo: ['requests', 'audit', 'retry', DEAD_LETTERS],
    queues: ['journal[.].+'],
    namesQueues: true,
  },
  readers: { publishes: ['heartbeats'], bindsTo: [], queues: [], sharedQueues: ['reader[.].+[.]control'], guest: true },
  dataplanes: {
    publishes: ['reports', DEAD_LETTERS],
    bindsTo: [],
    queues: [],
    sharedQueues: ['dataplane[.][a-z0-9-]+[.](control|operations)'],
    guest: true,
  },
  consumers: { publishes: [], bindsTo: ['changes'], queues: ['changes[.].+'], guest: true },
};

/** The AMQP users of Signalbox with their permissions in its vhost. */
export function signalboxUsers(credentials: Pick<Credentials, 'amqpUsers'>): RabbitMqUser[] {
  return AMQP_USERS.map((name) => ({ name, password: credentials.amqpUsers[name], ...permissionsOf(GRANTS[name]) }));
}

function permissionsOf({
  publishes,
  bindsTo,
  queues,
  sharedQueues = [],
  namesQueues,
  guest,
}: Grant): Pick<RabbitMqUser, 'configure' | 'write' | 'read'> {
  const publishedTo = publishes.map(exchange);
  const boundTo = bindsTo.map(exchange);
  return {
    configure: anyOf([...(guest ? [] : [...publishedTo, ...boundTo]), ...queues, ...sharedQueues]),
    write: anyOf([...publishedTo, ...queues, ...(namesQueues ? ['amq[.]default'] : [])]),
    read: anyOf([...boundTo, ...queues, ...sharedQueues, ...(namesQueues ? ['amq[.]rabbitmq[.]reply-to.*'] : [])]),
  };
}

const exchange = (name: string): string => `signalbox[.]${name}`;

/** One regular expression that matches whole names only; '' matches none. */
function anyOf(patterns: string[]): string {
  return patterns.length === 0 ? '' : `^(${[...new Set(patterns)].join('|')})$`;
}
