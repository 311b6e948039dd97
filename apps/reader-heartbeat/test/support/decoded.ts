import { decodeHeartbeats, type KnownReader, type Refused } from '../../src/heartbeats/decode-heartbeats.js';
import type { Beat } from '../../src/liveness/beat.js';
import type { Permission } from '../../src/senders/sender.js';

/** What is decoded of a message: the heartbeats that count, and the others. */
export function decoded(
  body: unknown,
  permission: Permission,
  known: KnownReader,
): { beats: Beat[]; refused: readonly Refused[] } {
  const beats: Beat[] = [];
  const refused = decodeHeartbeats(body, { permission, known, beats });
  return { beats, refused };
}
