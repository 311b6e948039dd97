import { randomUUID } from 'node:crypto';

import type { Options } from 'amqplib';

import { currentTraceparent } from '@signalbox/platform';

import type { OutgoingMessage } from './options.js';

/** What only this package itself sets on a message. */
export interface Envelope extends OutgoingMessage {
  readonly correlationId?: string;
  readonly replyTo?: string;
  /** The body's bytes where they are given as they are, with their content type. */
  readonly raw?: { readonly content: Buffer; readonly contentType: string | undefined };
}

/** What every message of one connection says of its sender. */
export interface Signature {
  readonly appId: string;
  /** The user of the connection; the broker refuses a message that names another one. */
  readonly userId: string;
}

const NO_HEADERS = Object.freeze({});
const PLAIN_HEADERS = Object.freeze({ 'schema-version': '1' });

/**
 * The AMQP properties of a message; `timestamp` is in seconds, as AMQP has it. Members that are undefined are left out by amqplib:
 * one literal is several times quicker than putting an object together, and this runs for every message.
 */
export function propertiesOf(message: Envelope, { appId, userId }: Signature): Options.Publish & { messageId: string } {
  const { raw, expirationMs } = message;
  const properties = {
    messageId: message.messageId ?? randomUUID(),
    type: message.type,
    appId,
    userId,
    timestamp: Math.floor(Date.now() / 1000),
    headers: headersOf(message),
    mandatory: message.mandatory ?? false,
    persistent: message.persistent ?? false,
    contentType: raw ? raw.contentType : 'application/json',
    correlationId: message.correlationId,
    replyTo: message.replyTo,
    expiration: expirationMs === undefined ? undefined : Math.max(0, Math.ceil(expirationMs)),
  };
  return properties as Options.Publish & { messageId: string };
}

/** The sender's own win, so that a message passed on stays in the trace it came in. */
function headersOf({ headers = NO_HEADERS }: Envelope): Record<string, unknown> {
  const traceparent = currentTraceparent();
  if (headers === NO_HEADERS && traceparent === undefined) return PLAIN_HEADERS;
  return { 'schema-version': '1', ...(traceparent !== undefined && { traceparent }), ...headers };
}

/** The bytes of a message's body. */
export function contentOf({ body, json, raw }: Envelope): Buffer {
  return raw ? raw.content : Buffer.from(json ?? JSON.stringify(body));
}
