import { readerId } from '@signalbox/contracts/messages';
import { brokerRights, readersOf, type UserRights } from '@signalbox/contracts/rights';
import type { ApiKeyEntry } from '@signalbox/contracts/streams';

/** What RabbitMQ asks before a client uses an exchange, a queue, or a routing key of a topic exchange. */
export interface Question {
  readonly resource: string;
  /** Of the exchange or queue. */
  readonly name: string;
  readonly permission: string;
  /** Of a `topic` only. */
  readonly routingKey?: string | undefined;
}

export type KeyRights = (question: Question) => boolean;

type Matches = (text: string) => boolean;

/**
 * What a key may do at the broker: what the table of rights gives to the user that all readers, or all agents, share, narrowed to the
 * readers, or the dataplane, of the key. Nothing for a key of another kind.
 */
export function keyRightsOf({
  kind,
  readers,
  dataplane,
}: Pick<ApiKeyEntry, 'kind' | 'readers' | 'dataplane'>): KeyRights {
  if (kind === 'reader' && readers !== null) return narrowed(brokerRights.readers, matcherOf(readersOf(readers)));
  if (kind === 'agent' && dataplane !== null)
    return narrowed(brokerRights.dataplanes, (template) => equals(template.replaceAll('{dataplane}', dataplane)));
  return () => false;
}

const equals =
  (wanted: string): Matches =>
  (text) =>
    text === wanted;

/** `#`: any text that the pattern of the key covers. `{reader}`: an id that it covers; a wildcard of a binding is in no id. */
function matcherOf(covers: Matches): (template: string) => Matches {
  return (template) => {
    if (template === '#') return covers;
    const [before = '', after = ''] = template.split('{reader}');
    return (text) => {
      if (text.length <= before.length + after.length || !text.startsWith(before) || !text.endsWith(after))
        return false;
      const id = text.slice(before.length, text.length - after.length);
      return readerId.safeParse(id).success && covers(id);
    };
  };
}

/**
 * RabbitMQ asks for the type of what is used, where its own permissions go by the name alone: a key declares no exchange, also none that is
 * called like a queue of its own. So nothing but Signalbox puts a message into its queues, and dead-lettering from them forges nothing.
 * @param matcher of a template of the table
 */
function narrowed({ publishes, binds, owns, consumes }: UserRights, matcher: (template: string) => Matches): KeyRights {
  const keysBy = (rights: UserRights['publishes']) =>
    new Map(rights.map((right) => [right.exchange, right.keys.map(matcher)]));
  const keys = new Map([
    ['write', keysBy(publishes)],
    ['read', keysBy(binds)],
  ]);
  const owned = owns.map(matcher);
  const read = [...owned, ...consumes.map(matcher)];
  return ({ resource, name, permission, routingKey }) => {
    if (resource === 'queue') return (permission === 'read' ? read : owned).some((matches) => matches(name));
    const right = keys.get(permission)?.get(name);
    if (resource === 'exchange') return right !== undefined;
    return resource === 'topic' && routingKey !== undefined && (right ?? []).some((matches) => matches(routingKey));
  };
}
