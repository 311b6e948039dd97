import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fixedBody, type CachedBody } from '../caching/cached-body.js';
import { isKnown } from '../caching/if-none-match.js';
import { DOCS_PAGE, DOCS_SCRIPT, DOCS_STYLE } from './docs-page.js';
import { ERRORS_PAGE } from './errors-page.js';
import { LICENCE_PAGE } from './licence-page.js';
import { openApiDocument, type DocumentOptions } from './openapi.js';

const require = createRequire(import.meta.url);
const ofSwaggerUi = (name: string): Buffer => readFileSync(require.resolve(`swagger-ui-dist/${name}`));

/** Nothing but files of this server is loaded. It may be served over plain HTTP inside a network: a proxy that terminates TLS adds HSTS. */
const PAGE_HEADERS = {
  'cache-control': 'no-cache',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** Serves the OpenAPI document at `/openapi.json` and a page to read it at `/docs`. What was requested once is kept in memory. */
export function serveDocs(app: NestFastifyApplication, options: DocumentOptions): void {
  const server = app.getHttpAdapter();
  const serve = (path: string, type: string, body: () => CachedBody): void => {
    server.get(path, (request: FastifyRequest, reply: FastifyReply) => {
      const { etag, bytes } = body();
      const hasIt = isKnown(request.headers['if-none-match'], etag);
      void reply
        .code(hasIt ? 304 : 200)
        .headers({ ...PAGE_HEADERS, etag, ...(!hasIt && { 'content-type': `${type}; charset=utf-8` }) })
        .send(hasIt ? undefined : bytes);
    });
  };
  const serveFile = (path: string, type: string, make: () => string | Buffer): void =>
    serve(path, type, fixedBody(make));
  const document = fixedBody(() => JSON.stringify(openApiDocument(app, options)));
  serve('/openapi.json', 'application/json', document);
  // The path at which clients of the platform API expect it.
  serve('/api/openapi.json', 'application/json', document);
  serveFile('/docs', 'text/html', () => DOCS_PAGE);
  serveFile('/docs/errors', 'text/html', () => ERRORS_PAGE);
  serveFile('/docs/licence', 'text/html', () => LICENCE_PAGE);
  serveFile('/docs/page.js', 'text/javascript', () => DOCS_SCRIPT);
  serveFile('/docs/page.css', 'text/css', () => DOCS_STYLE);
  serveFile('/docs/swagger-ui.js', 'text/javascript', () => ofSwaggerUi('swagger-ui-bundle.js'));
  serveFile('/docs/swagger-ui.css', 'text/css', () => ofSwaggerUi('swagger-ui.css'));
  serveFile('/docs/favicon.png', 'image/png', () => ofSwaggerUi('favicon-32x32.png'));
}
