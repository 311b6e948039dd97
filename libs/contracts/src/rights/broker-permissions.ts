import { exchanges } from '../messages/exchanges.js';
import { brokerRights, type UserRights } from './broker-rights.js';
import { brokerUsers, OPERATOR, type BrokerUser } from './broker-users.js';
import { sourceOfAny } from './key-pattern.js';
import { keysOf } from './keys-of.js';

/** What RabbitMQ is given for a user: regular expressions over names of queues and exchanges; '' permits nothing. */
export interface BrokerPermissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
  /** Which keys it may publish with (`write`) and bind with (`read`) at an exchange. */
  readonly topics: readonly { readonly exchange: string; readonly write: string; readonly read: string }[];
  readonly tags: readonly string[];
}

/** The permissions in the virtual host of Signalbox, which follow from the table of rights. */
export const brokerPermissions = (): Readonly<Record<BrokerUser, BrokerPermissions>> =>
  Object.fromEntries(
    brokerUsers.map((user) => [user, user === OPERATOR ? EVERYTHING : permissionsOf(brokerRights[user])]),
  ) as Record<BrokerUser, BrokerPermissions>;

const EVERYTHING: BrokerPermissions = { configure: '.*', write: '.*', read: '.*', topics: [], tags: ['management'] };

/**
 * RabbitMQ's three permissions: declaring and deleting need configure; publishing needs write; consuming and purging need read; binding
 * needs write on the queue and read on the exchange; a queue that dead-letters needs read on itself and write on the exchange that its
 * messages go to. Exchanges are made with the users, so that none of them declares one. Keys are bounded by topic permissions.
 */
function permissionsOf({ publishes, binds, owns, consumes }: UserRights): BrokerPermissions {
  const namesOf = (rights: UserRights['publishes']): string[] => rights.map(({ exchange }) => exchange);
  return {
    configure: anyOf(owns),
    write: anyOf([...namesOf(publishes), ...owns]),
    read: anyOf([...namesOf(binds), ...owns, ...consumes]),
    // At an exchange of another type the broker checks no key.
    topics: Object.values(exchanges)
      .filter(({ type }) => type === 'topic')
      .map(({ name }) => ({ exchange: name, publish: keysOf(publishes, name), bind: keysOf(binds, name) }))
      .filter(({ publish, bind }) => publish.length + bind.length > 0)
      .map(({ exchange, publish, bind }) => ({ exchange, write: sourceOfAny(publish), read: sourceOfAny(bind) })),
    tags: [],
  };
}

const anyOf = (templates: readonly string[]): string => (templates.length === 0 ? '' : sourceOfAny(templates));
