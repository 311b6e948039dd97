import { exchanges } from '../messages/exchanges.js';
import { brokerRights, type UserRights } from './broker-rights.js';
import { brokerUsers, type BrokerUser } from './broker-users.js';
import { keysOf } from './keys-of.js';
import { anyPatternOf } from './key-pattern.js';

/** How a message was published. */
export interface PublishedTo {
  readonly exchange: string;
  readonly routingKey: string;
}

/** Which users are believed, as `libs/messaging` asks for each message. */
export interface SenderRules {
  readonly users: readonly string[];
  /** The users whose message is believed that was published like this: none where its consumer binds no such key. */
  sendersOf(published: PublishedTo): 'anyone' | readonly string[];
  /** The users of the table that may publish like this. */
  publishersOf(published: PublishedTo): readonly string[];
  /** The users whose reply is believed to a request that was published like this: the owner that was asked. */
  answerersOf(request: PublishedTo): readonly string[];
}

/** What programs of others publish, under any user whom the broker lets, and without a user-id where they like. */
const PUBLIC: ReadonlySet<string> = new Set([exchanges.heartbeats.name, exchanges.reports.name]);

/**
 * The senders that follow from the table of rights.
 * @param prefix before the name of each user at the broker, where several Signalboxes share one: see `prefixOfUsers`
 * @param consumer who binds the queues whose messages are judged; undefined: what it binds does not matter
 */
export function senderRules(prefix = '', consumer?: BrokerUser): SenderRules {
  const publishers = matchersOf('publishes', prefix);
  const owners = matchersOf('binds', prefix);
  // Headers (CC, BCC) add keys that the broker does not check, and that the consumer does not see. What they brought has a key of another queue.
  const isBound = (published: PublishedTo): boolean =>
    consumer === undefined || published.exchange === '' || usersIn(owners, published).includes(prefix + consumer);
  return {
    users: brokerUsers.map((user) => prefix + user),
    sendersOf: (published) =>
      PUBLIC.has(published.exchange) ? 'anyone' : isBound(published) ? usersIn(publishers, published) : [],
    publishersOf: (published) => usersIn(publishers, published),
    answerersOf: (request) => usersIn(owners, request),
  };
}

/** What stands before the name of a user of the table in its name at the broker; undefined: it is another user. */
export const prefixOfUsers = (name: string, user: BrokerUser): string | undefined =>
  name.endsWith(user) ? name.slice(0, -user.length) : undefined;

type Matchers = ReadonlyMap<string, readonly { readonly user: string; readonly keys: RegExp }[]>;

const matchersOf = (kind: keyof Pick<UserRights, 'publishes' | 'binds'>, prefix: string): Matchers =>
  new Map(
    ['', ...Object.values(exchanges).map(({ name }) => name)].map((exchange) => [
      exchange,
      brokerUsers
        .map((user) => ({ user: prefix + user, templates: keysOf(brokerRights[user][kind], exchange) }))
        .filter(({ templates }) => templates.length > 0)
        .map(({ user, templates }) => ({ user, keys: anyPatternOf(templates) })),
    ]),
  );

const usersIn = (matchers: Matchers, { exchange, routingKey }: PublishedTo): string[] =>
  (matchers.get(exchange) ?? []).filter(({ keys }) => keys.test(routingKey)).map(({ user }) => user);
