import { randomUUID } from 'node:crypto';

import type { Options } from 'amqplib';

import type { OutgoingMessage } from './options.js';

/** What only this package itself sets on a message. */
export interface Envelope extends OutgoingMessage {
  readonly correlationId?: string;
  readonly replyTo?: string;
  /** The body's bytes where they are given as they are, with their content type. */
  readonly raw?: { readonly content: Buffer; readonly contentType: string | undefined };
}

/** The AMQP properties of a message; `timestamp` is in seconds, as AMQP has it. */
export function propertiesOf(message: Envelope, appId: string): Options.Publish & { messageId: string } {
  const { type, messageId = randomUUID(), mandatory = false, persistent = false, headers, expirationMs, correlationId, replyTo, raw } = message;
  const contentType = raw ? raw.contentType : 'application/json';
  return {
    messageId,
    type,
    appId,
    timestamp: Math.floor(Date.now() / 1000),
    headers: { 'schema-version': '1', ...headers },
    mandatory,
    persistent,
    ...(contentType !== undefined && { contentType }),
    ...(correlationId !== undefined && { correlationId }),
    ...(replyTo !== undefined && { replyTo }),
    ...(expirationMs !== undefined && { expiration: Math.max(0, Math.ceil(expirationMs)) }),
  };
}

/** The bytes of a message's body. */
export function contentOf({ body, raw }: Envelope): Buffer {
  return raw ? raw.content : Buffer.from(JSON.stringify(body));
}
