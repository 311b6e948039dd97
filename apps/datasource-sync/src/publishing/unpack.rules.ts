import { DATASOURCE_CHANGE } from '@signalbox/contracts/messages';
import type { BatchMessage as Outgoing } from '@signalbox/messaging';
import type { BatchMessage } from '../worker/protocol.js';

/** What a worker sent is not what a worker of ours sends. */
export class Misbehaved extends Error {
  override readonly name = 'Misbehaved';
}

/**
 * The messages of a batch. The id of the datasource is put before each routing key here, and change ids must begin with it: a worker that
 * was taken over publishes only under datasources that were assigned to it.
 * @throws Misbehaved
 */
export function unpackChanges(
  datasource: string,
  { keys, ids, lengths }: Pick<BatchMessage, 'keys' | 'ids' | 'lengths'>,
  bytes: Buffer,
): Outgoing[] {
  if (keys.length !== ids.length || lengths.length !== ids.length)
    throw new Misbehaved('a batch has not as many keys as ids');
  const idStart = `${datasource}:`;
  let start = 0;
  const messages = ids.map((messageId, index): Outgoing => {
    if (!messageId.startsWith(idStart)) throw new Misbehaved('a change has an id of another datasource');
    const content = bytes.subarray(start, (start += lengths[index]!));
    return { routingKey: `${datasource}.${keys[index]}`, content, type: DATASOURCE_CHANGE, messageId };
  });
  if (start !== bytes.length) throw new Misbehaved('a batch is not as long as its changes');
  return messages;
}
