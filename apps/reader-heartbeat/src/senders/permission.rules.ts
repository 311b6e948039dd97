import type { Permission, ReaderKey } from './sender.js';

/** What the broker says of a message. It has checked both: the user by its password, the routing key by the rights of the user. */
export interface Published {
  /** Undefined: the message names none. */
  readonly user: string | undefined;
  readonly routingKey: string;
}

export interface KnownSenders {
  /** The user at the broker that all readers may share. */
  readonly sharedUser: string;
  readonly keyOf: (user: string) => ReaderKey | undefined;
  /** Whether the keys were received. */
  readonly areKeysKnown: boolean;
}

/** Of a sender that may publish heartbeats of every reader. */
export const ANY_READER: Permission = { countsFor: 'no-key', refusal: () => undefined };

/**
 * The shared user speaks for every reader, a key for those that its pattern covers. Of any other sender it is known only that the broker
 * let it use the routing key: it speaks for the reader of that name.
 */
export function permissionOf({ user, routingKey }: Published, senders: KnownSenders): Permission {
  if (user === senders.sharedUser) return ANY_READER;
  const key = user === undefined ? undefined : senders.keyOf(user);
  if (key !== undefined)
    return {
      countsFor: key,
      refusal: (readerId) =>
        key.covers(readerId)
          ? undefined
          : `reader_id: ${readerId} is not covered by ${key.pattern}, which is what the sender ${key.id} may publish`,
    };
  return {
    countsFor: 'covering-keys',
    refusal: (readerId) =>
      readerId === routingKey
        ? undefined
        : `reader_id: ${readerId} is not the routing key of the message, and ${unknownSender(user, senders)}`,
  };
}

function unknownSender(user: string | undefined, { areKeysKnown }: KnownSenders): string {
  if (user === undefined) return 'the message names no sender (user_id)';
  return `the sender ${user} is no reader key that is known here${areKeysKnown ? '' : ' yet'}`;
}
