import type { Role } from '@signalbox/contracts/http';
import type { FastifyRequest } from 'fastify';

/** What the server asks about each request before it reads a body. Provided by `access`. */
export abstract class RequestAuthentication {
  /**
   * Sets the caller of the request, unless the path is public. A promise only where the caller cannot be known from memory.
   * @returns the role that the path requires; undefined where it is public
   * @throws ApiError 401, or 503 before the keys are known
   */
  abstract identify(request: FastifyRequest): Role | undefined | Promise<Role>;

  /** @throws ApiError 403 where the caller does not have the role */
  abstract authorize(request: FastifyRequest, role: Role): void;
}
