import type { FastifyInstance } from 'fastify';
import type { CachedBody } from '../http/cached-body.js';

/** What the keyless management routes answer with; set once the application is there. */
export interface ManagementAnswers {
  now(): CachedBody;
}

/**
 * The readers' management routes without a key, for clients that cannot send headers. They are served only where the
 * operator switched them on, on the management port, which is bound to loopback unless told otherwise.
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
