import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

export interface SignedMessage {
  /** A retry of the same request has the same. */
  readonly id: string;
  /** Unix ms. */
  readonly at: number;
  readonly body: string;
}

/**
 * The headers of Standard Webhooks v1, with one signature for each key. The bytes of a key are those of its text in UTF-8, whatever it
 * looks like: the published verifier of these endpoints does not decode it (contract facts, section b).
 */
export function signatureHeaders({ id, at, body }: SignedMessage, keys: readonly string[]): Record<string, string> {
  const timestamp = new Date(Math.floor(at / 1_000) * 1_000);
  const signatures = keys.map((key) =>
    new Webhook(Buffer.from(key, 'utf8'), { format: 'raw' }).sign(id, timestamp, body),
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp.getTime() / 1_000),
    'webhook-signature': signatures.join(' '),
  };
}

export const newMessageId = (): string => `msg_${randomUUID().replaceAll('-', '')}`;
