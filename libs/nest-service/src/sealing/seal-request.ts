import { purposeOf, type SealedMessage, type SealedRequest } from '@signalbox/contracts/messages';
import { sealFor } from '@signalbox/platform';

/**
 * Longer than any sender repeats a request, and than clocks differ. The services remember what they did for a request for a day, so that
 * nothing is done twice with a body that still opens.
 */
const OPENS_FOR_MS = 5 * 60_000;

export interface SealingFor extends SealedMessage {
  /** Of the service that is asked. */
  readonly publicKey: string;
  /** Unix ms. */
  readonly now: number;
}

/** The request with a body that only the service that is asked can read, and only in this message. */
export function sealRequest<Request extends SealedRequest>(
  request: Request,
  body: unknown,
  { publicKey, now, ...message }: SealingFor,
): Request {
  const bounded = { ...request, sealed_until: now + OPENS_FOR_MS };
  return { ...bounded, sealed: sealFor(publicKey, JSON.stringify(body), purposeOf(message, bounded)) };
}
