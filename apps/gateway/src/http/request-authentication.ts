import type { ApiKeyEntry } from '@signalbox/contracts/streams';
import type { FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key that authenticates this request; null on public paths. */
    apiKey: ApiKeyEntry | null;
  }
}

/** What the server asks about each request before it reads a body. Provided by `access`. */
export abstract class RequestAuthentication {
  /** @throws ApiError 401, 403, or 503 before the keys are known */
  abstract check(request: FastifyRequest): void;
}
