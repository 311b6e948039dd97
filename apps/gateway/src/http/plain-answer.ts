import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { CachedBody } from './caching/cached-body.js';
import { isKnown } from './caching/if-none-match.js';
import { demandPartProgress } from './time-limits.js';

/** An answer that needs nothing of Fastify, so that a hot route gives the same one without it. */
export interface PlainAnswer {
  readonly status: 200 | 304;
  readonly headers: Readonly<Record<string, string>>;
  /** None of 304. */
  readonly body?: Buffer | string;
}

/** An answer whose body is too large to be given to a connection at once. */
export interface StreamedAnswer {
  readonly status: 200;
  /** With the length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** The bytes, or 304 to a client that has them. @param known the client's If-None-Match */
export function cachedAnswer({ etag, bytes }: CachedBody, known: string | undefined): PlainAnswer {
  if (isKnown(known, etag)) return { status: 304, headers: { etag, 'cache-control': 'private, no-cache' } };
  return {
    status: 200,
    headers: { etag, 'cache-control': 'private, no-cache', 'content-type': JSON_TYPE },
    body: bytes,
  };
}

const MOMENTARY = { 'cache-control': 'no-store', 'content-type': JSON_TYPE };

/** A body that no client keeps. */
export const momentaryAnswer = (json: string): PlainAnswer => ({ status: 200, headers: MOMENTARY, body: json });

export function sendAnswer(reply: FastifyReply, { status, headers, body }: PlainAnswer | StreamedAnswer): void {
  if (typeof body === 'object' && 'pipe' in body) demandPartProgress(reply.raw);
  void reply.code(status).headers(headers).send(body);
}
