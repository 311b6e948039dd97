import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { problemDetails, serviceStatusError } from '@signalbox/contracts/http';
import { PROBLEM_CONTENT_TYPE } from '@signalbox/platform';
import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import { openApiSchema } from './json-schema.js';

export { openApiSchema } from './json-schema.js';

/** A response body for the OpenAPI document, from the schema it is made by. */
export const documented = (schema: z.ZodType, description: string) => ({
  description,
  schema: openApiSchema(schema, 'output'),
});

/** What a route may be answered with besides its success, in the shape of its API: for its decorator of that name. */
export const errorsLike =
  (schema: z.ZodType, contentType = 'application/json') =>
  (...statuses: number[]): MethodDecorator => {
    const content = { [contentType]: { schema: openApiSchema(schema, 'output') } };
    return applyDecorators(
      ...statuses.map((status) => ApiResponse({ status, description: STATUS_CODES[status] ?? 'Error', content })),
    );
  };

/** The errors of a route in the shape of the status API. */
export const serviceStatusErrors = errorsLike(serviceStatusError);

/** The errors of a route in the RFC 9457 shape. */
export const documentedErrors = errorsLike(problemDetails, PROBLEM_CONTENT_TYPE);
