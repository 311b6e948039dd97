import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { registryError } from '@signalbox/contracts';
import { STATUS_CODES } from 'node:http';
import { openApiSchema } from '../../docs/documented.js';

/** The errors of a route in the shape of this API: `{code, message}`. */
export function registryErrors(...statuses: number[]): MethodDecorator {
  return applyDecorators(...statuses.map((status) => ApiResponse({ status, description: STATUS_CODES[status] ?? 'Error', schema: openApiSchema(registryError) })));
}

/** What every mutation may be answered with. */
export const mutationErrors = (...more: number[]): MethodDecorator => registryErrors(...[400, 401, 403, 404, 413, 415, 422, 503, 504, ...more].toSorted((a, b) => a - b));

export const IfMatch = (): MethodDecorator =>
  ApiHeader({ name: 'If-Match', required: false, description: 'The ETag that was read: if it has been changed since, it stays as it is, and the answer is 412' });
