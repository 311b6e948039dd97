import type { RegistryReply } from '@signalbox/contracts/messages';
import type { FastifyReply } from 'fastify';

/** Documented with the answers that have it. */
export const DROPPED_HEADER = 'Signalbox-Credentials-Dropped';

/** A header holds some thousand characters. */
const MOST_NAMES = 20;

/** Names the connections in a header whose stored credentials a change dropped; names of connections are safe in one. */
export function nameDropped({ credentials_dropped: dropped = [] }: RegistryReply, reply: FastifyReply): void {
  if (dropped.length === 0) return;
  const names = dropped.map(({ connection }) => connection);
  void reply.header(
    DROPPED_HEADER,
    [...names.slice(0, MOST_NAMES), ...(names.length > MOST_NAMES ? ['...'] : [])].join(', '),
  );
}

/** The sentence about them in the answer to the change of one connection; empty where none were dropped. */
export function droppedSentence({ credentials_dropped: [dropped] = [] }: RegistryReply): string {
  if (dropped === undefined) return '';
  return ` Its target has changed, so what was stored for the target before was dropped (${dropped.members.join(', ')}): send it for this one.`;
}
