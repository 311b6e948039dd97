import { exchanges } from '@signalbox/contracts/messages';
import { brokerRights, keysOf, OPERATOR, sourceOfAny, type UserRights } from '@signalbox/contracts/rights';
import type { RabbitMqUser, TopicPermission } from '../rabbitmq/definitions.js';
import type { Credentials } from './credentials.js';
import { AMQP_USERS } from './names.js';

const EVERYTHING = { configure: '.*', write: '.*', read: '.*', topics: [] };

/** The AMQP users of Signalbox with their permissions in its vhost, which follow from the table of rights. */
export function signalboxUsers(credentials: Pick<Credentials, 'amqpUsers'>): RabbitMqUser[] {
  return AMQP_USERS.map((name) => ({
    name,
    password: credentials.amqpUsers[name],
    ...(name === OPERATOR ? { ...EVERYTHING, tags: ['management'] } : permissionsOf(brokerRights[name])),
  }));
}

type Permissions = Pick<RabbitMqUser, 'configure' | 'write' | 'read'> & { readonly topics: TopicPermission[] };

/**
 * RabbitMQ's three permissions: declaring and deleting need configure; publishing needs write; consuming and purging need read; binding
 * needs write on the queue and read on the exchange; a queue that dead-letters needs read on itself and write on the exchange that its
 * messages go to. Exchanges are made with the users, so none of these declares one. Keys are bounded by topic permissions.
 */
function permissionsOf({ publishes, binds, owns, consumes }: UserRights): Permissions {
  const namesOf = (rights: UserRights['publishes']): string[] => rights.map(({ exchange }) => exchange);
  return {
    configure: anyOf(owns),
    write: anyOf([...namesOf(publishes), ...owns]),
    read: anyOf([...namesOf(binds), ...owns, ...consumes]),
    topics: Object.values(exchanges)
      .map(({ name }) => ({ exchange: name, publish: keysOf(publishes, name), bind: keysOf(binds, name) }))
      .filter(({ publish, bind }) => publish.length + bind.length > 0)
      .map(({ exchange, publish, bind }) => ({ exchange, write: sourceOfAny(publish), read: sourceOfAny(bind) })),
  };
}

/** '' permits nothing. */
const anyOf = (templates: readonly string[]): string => (templates.length === 0 ? '' : sourceOfAny(templates));
