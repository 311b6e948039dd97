import type { FastifyReply } from 'fastify';

/** A body that is made once per change, however often it is asked for. */
export interface CachedBody {
  /** Weak where a part of the body is each answer's own. */
  readonly etag: string;
  readonly bytes: Buffer;
}

/** Sends the bytes, or 304 to whoever has them. @param known its If-None-Match */
export function sendCached(reply: FastifyReply, { etag, bytes }: CachedBody, known: string | undefined): void {
  void reply.headers({ etag, 'cache-control': 'private, no-cache' });
  if (known === etag) void reply.code(304).send();
  else void reply.header('content-type', 'application/json; charset=utf-8').send(bytes);
}
