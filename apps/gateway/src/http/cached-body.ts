import type { FastifyReply } from 'fastify';

/** A body that is built once per change, however often it is requested. */
export interface CachedBody {
  /** Weak if a part of the body differs in each answer. */
  readonly etag: string;
  readonly bytes: Buffer;
}

/** Sends the bytes, or 304 to a client that has them. @param known the client's If-None-Match */
export function sendCached(reply: FastifyReply, { etag, bytes }: CachedBody, known: string | undefined): void {
  void reply.headers({ etag, 'cache-control': 'private, no-cache' });
  if (known === etag) void reply.code(304).send();
  else void reply.header('content-type', 'application/json; charset=utf-8').send(bytes);
}
