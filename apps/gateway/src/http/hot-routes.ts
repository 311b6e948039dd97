import { Injectable } from '@nestjs/common';
import type { Asked } from './caching/asked.js';
import type { Caller } from './caller.js';
import type { PlainAnswer } from './plain-answer.js';
import type { RequestLimit } from './request-limits.js';

export interface HotRequest {
  readonly caller: Caller;
  /** What the headers of the answer say; null where the request is not counted. */
  readonly requestLimit: RequestLimit | null;
  readonly ifNoneMatch: string | undefined;
  /** When it was received, by `performance.now()`. */
  readonly startedAt: number;
}

/** A GET route with a caller whose answer is in memory. It is also registered with Nest, and answers the same there. */
export interface HotRoute {
  readonly path: string;
  /** The answer as it is now; undefined where it is neither 200 nor 304, or not at hand. Called before the request is counted. */
  readonly prepare: (asked: Asked) => ((request: HotRequest) => PlainAnswer) | undefined;
}

/** The routes that are answered without Fastify where nothing is special about a request. Each feature adds its own. */
@Injectable()
export class HotRoutes {
  private readonly routes: HotRoute[] = [];

  add(route: HotRoute): void {
    this.routes.push(route);
  }

  all(): readonly HotRoute[] {
    return this.routes;
  }
}
