import { ApiHeader } from '@nestjs/swagger';
import { registryError } from '@signalbox/contracts/http';
import { errorsLike } from '../http/docs/documented.js';

/** The errors of a route in the shape of this API: `{code, message}`. */
export const registryErrors = errorsLike(registryError);

/** The errors that every mutation may have. */
export const mutationErrors = (...more: number[]): MethodDecorator =>
  registryErrors(...[400, 401, 403, 404, 413, 415, 422, 503, 504, ...more].toSorted((a, b) => a - b));

export const IfMatch = (): MethodDecorator =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The ETag that was read. If the resource has changed since, the answer is 412 and nothing is changed',
  });
