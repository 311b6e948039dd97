import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiError } from './errors/api-error.js';
import { HttpMetrics } from './http.metrics.js';
import { Refusals } from './refusals.js';
import { pathOf } from './request-path.js';
import { RoutePolicies } from './route-policies.js';

const NO_ROUTE = '(none)';

export interface FailedRequest {
  readonly error: ApiError;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Answers a request with an error, in the shape of the API that its path belongs to. */
@Injectable()
export class ErrorReply {
  constructor(
    private readonly policies: RoutePolicies,
    private readonly metrics: HttpMetrics,
    private readonly refusals: Refusals,
  ) {}

  send({ error, request, reply }: FailedRequest): void {
    this.metrics.refused(error);
    this.refusals.answered({
      error,
      caller: request.caller,
      address: request.ip,
      method: request.method,
      route: request.is404 ? NO_ROUTE : pathOf(request),
      id: () => request.id,
    });
    const { contentType, body } = this.policies.of(pathOf(request)).errors(error, request.id);
    // As bytes: Fastify appends a charset to the content type of a string, which problem+json does not have.
    const bytes = Buffer.from(JSON.stringify(body));
    void reply
      .code(error.status)
      .headers({ ...error.headers, 'content-type': contentType, 'x-request-id': request.id })
      .send(bytes);
  }
}
