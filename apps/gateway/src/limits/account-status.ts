import { Injectable } from '@nestjs/common';
import type { AccountStatus as Status } from '@signalbox/contracts/http';
import type { FastifyRequest } from 'fastify';
import { TiersView } from '../access/tiers.view.js';
import type { Caller } from '../http/caller.js';
import { RequestLimiter } from './request-limiter.js';

/** The caller's account, as bodies show it. */
@Injectable()
export class AccountStatus {
  /** The same for all until the next hour. */
  private reset = { at: 0, time: '' };

  constructor(
    private readonly tiers: TiersView,
    private readonly limiter: RequestLimiter,
  ) {}

  /** The same numbers as in the headers of the answer to this request. */
  of(request: Pick<FastifyRequest, 'requestLimit'>, caller: Caller): Status {
    const { limit, remaining, resetAt, burst } = request.requestLimit ?? this.limiter.limitOf(caller);
    return {
      tier: this.tiers.of(caller).name,
      type: caller.mode,
      capabilities: [caller.role, ...caller.scopes],
      rate_limits: { limit, remaining, reset_time: this.timeOf(resetAt), burst_limit: burst },
    };
  }

  /** @param resetAt Unix seconds */
  private timeOf(resetAt: number): string {
    if (this.reset.at !== resetAt) this.reset = { at: resetAt, time: new Date(resetAt * 1_000).toISOString() };
    return this.reset.time;
  }
}
