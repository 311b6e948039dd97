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
  if (kind === 'reader' && readers !== null) return narrowed(brokerRights.readers, () => readersOf(readers));
  if (kind === 'agent' && dataplane !== null)
    return narrowed(brokerRights.dataplanes, (template) => equals(template.replaceAll('{dataplane}', dataplane)));
  return () => false;
}

const equals =
  (wanted: string): Matches =>
  (text) =>
    text === wanted;

/** @param matcher of a template of the table */
function narrowed({ publishes, consumes }: UserRights, matcher: (template: string) => Matches): KeyRights {
  const keys = new Map(publishes.map((right) => [right.exchange, right.keys.map(matcher)]));
  const queues = consumes.map(matcher);
  return ({ resource, name, permission, routingKey }) => {
    if (resource === 'queue') return permission === 'read' && queues.some((matches) => matches(name));
    if (permission !== 'write') return false;
    if (resource === 'exchange') return keys.has(name);
    return (
      resource === 'topic' && routingKey !== undefined && (keys.get(name) ?? []).some((matches) => matches(routingKey))
    );
  };
}
