import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { RoutePolicies } from '../route-policies.js';
import { openApiDocument } from './openapi.js';

/** Serves the OpenAPI document at `/openapi.json` and a page to read it at `/docs`. */
export function serveDocs(app: NestFastifyApplication, version: string): void {
  const document = openApiDocument(app, { policies: app.get(RoutePolicies), version });
  // The path at which clients of the platform API expect it.
  app
    .getHttpAdapter()
    .get('/api/openapi.json', (_request: unknown, reply: { send(body: unknown): unknown }) => reply.send(document));
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Signalbox API',
  });
}
