import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { unservedRoutes } from '@signalbox/contracts/http';
import type { FastifyInstance } from 'fastify';
import { notServed } from './errors/not-served.js';

/** Answers the routes of the originals that are not served with the reason, to callers that may use the API. */
export function answerUnserved(app: NestFastifyApplication): void {
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  for (const { paths, methods, why } of unservedRoutes) {
    const handler = (): never => {
      throw notServed(why);
    };
    for (const path of paths) {
      for (const url of methods === undefined ? [path, `${path}/*`] : [path])
        server.route({ method: [...(methods ?? server.supportedMethods)], url, handler });
    }
  }
}
