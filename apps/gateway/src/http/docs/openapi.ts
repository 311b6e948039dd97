import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { z } from 'zod';
import { addCommonErrors } from './common-errors.js';
import { DESCRIPTION } from './description.js';
import { namedSchemas, openApiSchema } from './json-schema.js';
import { commonResponses, completeOperations } from './operations.js';
import { addResponseHeaders, headerComponents } from './response-headers.js';
import { tags } from './tags.js';

/** No SPDX expression says that there is none: the address has the sentence of the README. */
const LICENSE = { license: { name: 'No licence yet', url: '/docs/licence' } };

export interface DocumentOptions {
  readonly version: string;
  /** Whether an operation needs no credential. */
  readonly isPublic: (path: string, method: string) => boolean;
  /** Whether the requests of a path are counted for the limits of their key. */
  readonly isCounted: (path: string) => boolean;
}

/** The OpenAPI 3.1 document of all routes that are served. */
export function openApiDocument(
  app: NestFastifyApplication,
  { version, isPublic, isCounted }: DocumentOptions,
): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.1')
    .setTitle('Signalbox')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .addServer('/', 'The gateway that serves this document')
    .addSecurity('key', { type: 'apiKey', name: 'X-Api-Key', in: 'header', description: 'An API key.' })
    .addSecurity('bearer', {
      type: 'http',
      scheme: 'bearer',
      description: 'An API key, or a token of `POST /v1/tokens`.',
    })
    .addSecurity('basic', { type: 'http', scheme: 'basic', description: 'An API key as the password; any user.' })
    .addSecurity('session', {
      type: 'apiKey',
      name: 'signalbox_session',
      in: 'cookie',
      description: 'The session of a person. Over https the cookie is named `__Host-signalbox_session`.',
    })
    .addSecurity('csrf', {
      type: 'apiKey',
      name: 'X-CSRF-Token',
      in: 'header',
      description: '`csrf_token` of `GET /v1/session`: a change by a session needs it.',
    });
  tags.forEach(({ name, description }) => builder.addTag(name, description));
  const document = SwaggerModule.createDocument(app, builder.build(), {
    standardSchemaConverter: (schema, { schemaType }) => ({ schema: openApiSchema(schema as z.ZodType, schemaType) }),
  });
  const { contact: _, ...info } = document.info;
  document.info = { ...info, ...LICENSE };
  document.components = {
    ...document.components,
    schemas: namedSchemas(),
    responses: commonResponses,
    headers: headerComponents,
  };
  addCommonErrors(document, isPublic);
  addResponseHeaders(document, isCounted);
  completeOperations(document.paths, isPublic);
  return document;
}
