import type { FastifyReply, FastifyRequest } from 'fastify';
import { policyOf } from './access-policy.js';
import { pathOf } from './request-path.js';
import type { ApiError } from './errors/api-error.js';
import { shapeError } from './errors/error-shapes.js';

export interface FailedRequest {
  readonly error: ApiError;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Answers a request with an error, in the shape of the API it was meant for. */
export function sendError({ error, request, reply }: FailedRequest): void {
  const { contentType, body } = shapeError(policyOf(pathOf(request)).errors, error, request.id);
  // As bytes, since Fastify would else append a charset to the type, which problem+json does not have.
  const bytes = Buffer.from(JSON.stringify(body));
  void reply
    .code(error.status)
    .headers({ ...error.headers, 'content-type': contentType, 'x-request-id': request.id })
    .send(bytes);
}
