import type { Role } from '@signalbox/contracts/http';
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
  /**
   * Sets the key of the request, unless the path is public.
   * @returns the role that the path requires; undefined where it is public
   * @throws ApiError 401, or 503 before the keys are known
   */
  abstract identify(request: FastifyRequest): Role | undefined;

  /** @throws ApiError 403 where the key of the request does not have the role */
  abstract authorize(request: FastifyRequest, role: Role): void;
}
