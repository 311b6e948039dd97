import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiNotModifiedResponse, ApiResponse } from '@nestjs/swagger';
import { problemDetails, serviceStatusError } from '@signalbox/contracts/http';
import { PROBLEM_CONTENT_TYPE } from '@signalbox/platform';
import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import { openApiSchema } from './json-schema.js';
import { withHeaders, type HeaderName } from './response-headers.js';

export { openApiSchema } from './json-schema.js';

/** A response body for the OpenAPI document, from the schema it is made by. @param headers those of this answer beside those of all */
export const documented = (schema: z.ZodType, description: string, ...headers: HeaderName[]) => ({
  description,
  schema: openApiSchema(schema, 'output'),
  ...(headers.length > 0 && { headers: withHeaders(...headers) }),
});

/** For a route that answers 304 to a client that has its current version. @param unchanged what is the same then */
export const IfNoneMatch = (unchanged = 'Nothing has changed'): MethodDecorator =>
  applyDecorators(
    ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the version that the client has' }),
    ApiNotModifiedResponse({ description: `${unchanged} since the answer with the ETag in If-None-Match.` }),
  );

type Content = Readonly<Record<string, { readonly schema: object }>>;

/** What a route may be answered with besides its success. @param content by media type: the client's `Accept` decides among several */
export const errorsAs =
  (content: Content) =>
  (...statuses: number[]): MethodDecorator =>
    applyDecorators(
      ...statuses.map((status) => ApiResponse({ status, description: STATUS_CODES[status] ?? 'Error', content })),
    );

/** The same in the shape of its API: for its decorator of that name. */
export const errorsLike = (schema: z.ZodType, contentType = 'application/json') =>
  errorsAs({ [contentType]: { schema: openApiSchema(schema, 'output') } });

/** The errors of a route in the shape of the status API. */
export const serviceStatusErrors = errorsLike(serviceStatusError);

/** The errors of a route in the RFC 9457 shape. */
export const documentedErrors = errorsLike(problemDetails, PROBLEM_CONTENT_TYPE);
