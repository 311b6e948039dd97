import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from './caller.js';

/** The limits of a key, and what was left of them when its request was counted. */
export interface RequestLimit {
  /** Requests in an hour. */
  readonly limit: number;
  readonly remaining: number;
  /** When the next hour begins, Unix seconds. */
  readonly resetAt: number;
  /** Requests in a second. */
  readonly burst: number;
}

/** A request that was counted and admitted. */
export interface CountedRequest {
  readonly limit: RequestLimit;
  /** The same as headers of its answer. */
  readonly headers: Readonly<Record<string, string>>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the headers of the answer say; null where the request is not counted. */
    requestLimit: RequestLimit | null;
  }
}

/** What the server asks about each request whose key it knows, before it reads a body. Provided by `limits`. */
export abstract class RequestLimits {
  /**
   * Counts the request and sets the headers of its answer. A promise only where the request has to wait.
   * @throws ApiError 429 over the limit, 503 for a write while requests cannot be counted
   */
  abstract admit(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined;

  /** Whether requests of the path are counted. */
  abstract counts(path: string): boolean;

  /** Counts a request that is admitted at once. Undefined for any other one: it is not counted, and `admit` decides. */
  abstract admitNow(caller: Caller): CountedRequest | undefined;
}
