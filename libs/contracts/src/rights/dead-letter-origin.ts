import { takesKey } from '../messages/binding-key.js';
import { controlQueue, operationsQueue } from '../messages/dataplane-topology.js';
import { exchanges } from '../messages/exchanges.js';
import { wholeTopology } from '../messages/whole-topology.js';
import { brokerRights } from './broker-rights.js';
import { OPERATOR, serviceUsers } from './broker-users.js';
import { anyPatternOf } from './key-pattern.js';
import { prefixOfUsers, senderRules, type PublishedTo } from './senders.js';

/** What is seen of a dead letter, and what it claims. */
export interface FoundDeadLetter {
  /** By which it came into the queue of dead letters. */
  readonly exchange: string;
  readonly routingKey: string;
  /** Its sender, whom the broker has validated. */
  readonly user: string | undefined;
  readonly reason: string;
  /** Where its headers say that it was published first. */
  readonly claimed: PublishedTo;
}

/** The queue that a dead letter comes from and how it was published, or why that is not known. */
export type DeadLetterOrigin =
  | { readonly queue: string; readonly published: PublishedTo }
  | { readonly unproven: string };

const DEAD_LETTER_EXCHANGES: ReadonlySet<string> = new Set([
  exchanges.deadLetters.name,
  exchanges.refusedHeartbeats.name,
]);
/** The queues of dataplanes: what an agent dead-letters has the name of its queue as key. */
const DATAPLANE_QUEUE = anyPatternOf(brokerRights.dataplanes.consumes);
/** The users of API keys. The broker lets the key of an agent dead-letter with the names of its own queues only, and a reader's not at all. */
const KEY_ID = /^key_[0-9a-f-]+$/;

/**
 * Where a dead letter is known to come from. Its headers prove nothing, because everybody writes them: neither ours nor those in which the
 * broker keeps the way of a message. Proven are its sender, and that the name of its queue, which is its routing key, was given by the
 * consumer of that queue or by the broker.
 * @param reader the user that reads the dead letters
 */
export function provenOrigin(
  { exchange, routingKey, user, reason, claimed }: FoundDeadLetter,
  reader: string,
): DeadLetterOrigin {
  if (!DEAD_LETTER_EXCHANGES.has(exchange)) return { unproven: 'it did not come by an exchange of dead letters' };
  if (reason === 'wrong-sender') return { unproven: 'its sender may not send it' };
  if (user === undefined) return { unproven: 'it has no proven sender' };
  const queue = queueOf(routingKey);
  const prefix = prefixOfUsers(reader, OPERATOR);
  // One user for all: nothing can be distinguished.
  if (user === reader) return { queue, published: claimed };
  if (prefix === undefined) return { unproven: `its sender ${user} is another user than ${reader}` };
  // Their owner does not consume them, and with the user of all agents each agent may dead-letter for all queues.
  if (DATAPLANE_QUEUE.test(routingKey)) {
    if (KEY_ID.test(user) && isBound(queue, claimed)) return { queue, published: claimed };
    return { unproven: `its sender ${user} is not known to consume ${queue}` };
  }
  const service = serviceUsers.find((each) => prefix + each === user);
  if (service && anyPatternOf(brokerRights[service].owns).test(routingKey)) return { queue, published: claimed };
  // Only the broker can have given it this key. Then the user is the first sender of it.
  if (isPublished(claimed, user, prefix) && isBound(queue, claimed)) return { queue, published: claimed };
  return { unproven: `its sender ${user} could not have sent it to ${queue} as it says` };
}

const isPublished = (published: PublishedTo, user: string, prefix: string): boolean =>
  senderRules(prefix).publishersOf(published).includes(user);

function isBound(queue: string, { exchange, routingKey }: PublishedTo): boolean {
  const dataplane = dataplaneIn(queue) ?? dataplaneIn(routingKey);
  return wholeTopology(dataplane === undefined ? [] : [dataplane]).bindings.some(
    (binding) => binding.queue === queue && binding.exchange === exchange && takesKey(binding.key, routingKey),
  );
}

/** The broker leaves the key of a dead letter of a dataplane's queue as it was. */
function queueOf(routingKey: string): string {
  const [, dataplane, verb] = /^dataplane\.([a-z0-9-]+)\.(shutdown|health|cancel|run)$/.exec(routingKey) ?? [];
  if (dataplane === undefined) return routingKey;
  return (verb === 'run' ? operationsQueue(dataplane) : controlQueue(dataplane)).name;
}

const dataplaneIn = (text: string): string | undefined => /^dataplane\.([a-z0-9-]+)(\.|$)/.exec(text)?.[1];
