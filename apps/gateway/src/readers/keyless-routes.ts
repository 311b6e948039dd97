import type { FastifyInstance } from 'fastify';
import type { CachedBody } from '../http/plain-answer.js';

/** The answers of the keyless management routes, available once the application runs. */
export interface ManagementAnswers {
  now(): CachedBody;
}

/**
 * The readers' management routes without a key, for clients that cannot send headers. They are served only if the
 * operator enabled them, on the management port, which is bound to loopback by default.
 */
export function keylessRoutes(answers: () => ManagementAnswers | undefined) {
  return (server: FastifyInstance): void => {
    server.get('/status', (_request, reply) => {
      const known = answers();
      if (known === undefined) return reply.code(503).send({ status: 'not_ready' });
      const { etag, bytes } = known.now();
      return reply
        .headers({ etag, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' })
        .send(bytes);
    });
  };
}
