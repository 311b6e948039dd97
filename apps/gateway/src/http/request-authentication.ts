import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.js';
import type { ApiError } from './errors/api-error.js';
import type { RequestHead } from './request-head.js';
import type { Requirement } from './route-policies.js';

/** What the server asks about each request before it reads a body. Provided by `access`. */
export abstract class RequestAuthentication {
  /** Why the request is refused before anything else is done for it: it is one of many with wrong credentials. Asked of each request. */
  abstract refusalOf(request: RequestHead): ApiError | undefined;

  /** The caller whose valid credential the request has, as far as memory has it. */
  abstract find(request: RequestHead): Caller | undefined;

  /**
   * Sets the caller of the request, unless the path is public. A promise only where the caller cannot be known from memory.
   * @returns what the path requires of the caller; undefined where it is public
   * @throws ApiError 401, 403 from a network that the caller may not come from, or 503 before the keys are known
   */
  abstract identify(request: FastifyRequest): Requirement | undefined | Promise<Requirement>;

  /** @throws ApiError 403 where the caller does not have the role or the scope */
  abstract authorize(request: FastifyRequest, requirement: Requirement): void;

  /**
   * Makes sure that the credential of the caller was not revoked, as far as memory does not show it: asks the database before a change, and
   * before a read where memory is too old. A promise only where the database is asked.
   * @throws ApiError 401 where it was revoked, 503 where it cannot be known
   */
  abstract confirm(request: FastifyRequest, isChange: boolean): Promise<void> | undefined;

  /**
   * The caller of an earlier request on the same connection with the same credential, if the credential is still valid and the caller has
   * what is required. Undefined: the request has to be identified.
   */
  abstract recall(request: IncomingMessage, requirement: Requirement): Caller | undefined;
}
