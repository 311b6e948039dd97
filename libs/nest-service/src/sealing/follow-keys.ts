import { describeError, every, type Clock, type Logger } from '@signalbox/platform';
import type { SealedBody } from './sealed-body.js';

const LOOK_MS = 5_000;

export interface FollowKeysOptions {
  readonly bodies: Pick<SealedBody, 'publicKey'>;
  /** Publishes the public key of now, and seals with the first key what earlier ones sealed. Repeated until it succeeds. */
  readonly onReplaced: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Notices soon when the file of the sealing keys has another first key. Returns how to stop. */
export function followKeys({ bodies, onReplaced, clock, logger }: FollowKeysOptions): () => void {
  let known = bodies.publicKey;
  return every({ clock, ms: LOOK_MS, background: true }, async () => {
    const { publicKey } = bodies;
    if (publicKey === known) return;
    try {
      await onReplaced();
      known = publicKey;
      logger.info({ public_key: publicKey }, 'the sealing key was replaced');
    } catch (error) {
      logger.warn({ reason: describeError(error) }, 'the sealing key is not replaced yet, retrying');
    }
  });
}
