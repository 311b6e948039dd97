import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import { callerName, type Caller } from './caller.js';
import { mayChange } from './changes.js';
import type { ApiError } from './errors/api-error.js';
import { Refusals } from './refusals.js';
import type { RequestHead } from './request-head.js';
import { pathAsSent } from './request-path.js';
import { RoutePolicies } from './route-policies.js';
import { RouteTable } from './route-table.js';
import { TokenBuckets } from './token-buckets.js';
import { TrustedProxies } from './trusted-proxies.js';
import { Turns } from './turns/turns.js';
import { Waiter } from './waiter.js';

/** Of each caller: so many are refused by Fastify, and at once. */
const REFUSALS_PER_SECOND = 20;

/** What a caller is refused for because of its own requests. */
const CODES: ReadonlySet<string> = new Set(['too_many_at_once', 'too_many_waits'] satisfies ApiError['code'][]);

/** A request that would be refused, and what is known of it. */
export interface Crowded {
  readonly error: ApiError;
  /** Null: the route is public. */
  readonly caller: Caller | null;
  /** The template. */
  readonly route: string;
}

/** What other parts of the server know. */
export interface CrowdingFacts {
  /** The caller of the request, as far as memory has it. */
  readonly find: (request: RequestHead) => Caller | undefined;
  /** Whether requests of the route are counted. */
  readonly counts: (route: string) => boolean;
}

/**
 * Knows the callers that go on sending requests although they have as many at work and waiting as may be. What would be refused for that is
 * refused before Fastify, which costs a tenth, as long as they have; everything else that they send is not affected.
 */
@Injectable()
export class Crowding {
  private readonly refused: TokenBuckets;

  constructor(
    refusals: Refusals,
    private readonly routes: RouteTable,
    private readonly policies: RoutePolicies,
    private readonly turns: Turns,
    private readonly waiter: Waiter,
    private readonly proxies: TrustedProxies,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.refused = new TokenBuckets(clock, REFUSALS_PER_SECOND);
    refusals.add(({ error, caller, address }) => {
      if (CODES.has(error.code)) this.refused.take(callerName({ caller, ip: address }));
    });
  }

  /** Costs nothing while no caller has too much. A request that is counted (ADR 8) is left to Fastify, which counts those that it refuses, too. */
  refusalOf(request: RequestHead, { find, counts }: CrowdingFacts): Crowded | undefined {
    if (this.refused.size === 0) return undefined;
    const { method = '', url = '' } = request;
    const route = this.routes.templateOf(method, pathAsSent(request));
    if (route === undefined || counts(route)) return undefined;
    const isPublic = this.policies.requirementOf(route, method).role === 'public';
    const caller = isPublic ? null : find(request);
    const ip = this.proxies.addressOf(request);
    if (caller === undefined || ip === undefined) return undefined;
    const name = callerName({ caller, ip });
    if (!this.refused.isOver(name)) return undefined;
    const query = new URLSearchParams(url.slice(url.indexOf('?') + 1 || url.length));
    const work = this.policies.workOf({
      path: route,
      method,
      isChange: mayChange({ method, query: Object.fromEntries(query) }),
    });
    const error =
      (work === 'immediate' ? undefined : this.turns.refusalOf(work, name)) ??
      this.waiter.refusalOf({ route, caller: name, query });
    return error && { error, caller, route };
  }
}
