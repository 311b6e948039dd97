import { ApiHeader } from '@nestjs/swagger';
import { registryError } from '@signalbox/contracts/http';
import { errorsLike } from '../http/docs/documented.js';

/** The errors of a route in the shape of this API: `{code, message}`. */
export const registryErrors = errorsLike(registryError);

/** What every mutation may be answered with. */
export const mutationErrors = (...more: number[]): MethodDecorator =>
  registryErrors(...[400, 401, 403, 404, 413, 415, 422, 503, 504, ...more].toSorted((a, b) => a - b));

export const IfMatch = (): MethodDecorator =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The ETag that was read: if it has been changed since, it stays as it is, and the answer is 412',
  });
