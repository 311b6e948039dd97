import { randomBytes } from 'node:crypto';
import helmet from '@fastify/helmet';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestLogger, type Logger } from '@signalbox/platform';
import { Authentication } from './access/authentication.js';
import { serveDocs } from './docs/openapi.js';
import { RouteTable } from './errors/route-table.js';

export interface HttpServerOptions {
  readonly root: DynamicModule;
  readonly bodyLimit: number;
  readonly version: string;
  readonly logger: Logger;
}

/** The gateway's HTTP side, ready to listen: request ids, security headers, keys before anything else, docs. */
export async function createHttpServer({ root, bodyLimit, version, logger }: HttpServerOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit,
    genReqId: () => `req_${randomBytes(12).toString('hex')}`,
    forceCloseConnections: 'idle',
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const server = adapter.getInstance();
  app.get(RouteTable).watch(server);

  const authentication = app.get(Authentication);
  server.decorateRequest('apiKey', null);
  server.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    authentication.check(request);
  });
  // The docs page brings its style along in the page.
  await app.register(helmet, { contentSecurityPolicy: { directives: { styleSrc: ["'self'", "'unsafe-inline'"] } } });
  server.get('/', (_request, reply) => reply.redirect('/docs'));
  serveDocs(app, version);
  return app;
}
