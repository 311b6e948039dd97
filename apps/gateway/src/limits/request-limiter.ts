import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TiersView } from '../access/tiers.view.js';
import type { Caller } from '../http/caller.js';
import type { CountedRequest, RequestLimit, RequestLimits } from '../http/request-limits.js';
import { pathOf } from '../http/request-path.js';
import { Bursts } from './bursts.js';
import { endOf } from './hour.rules.js';
import type { KeyQuota } from './key-quota.rules.js';
import { notCounted, overBurst, overQuota, reservedElsewhere } from './limit-errors.js';
import { limitHeaders, type ShownLimit } from './limit-headers.rules.js';
import { LimitMetrics } from './limits.metrics.js';
import { QuotaExchange, type WaitOutcome } from './quota-exchange.js';
import { Quotas } from './quotas.js';

/** Paths below these are counted, and no others: what monitoring asks for is free. The second is another spelling of one of the first. */
const COUNTED = ['/v1/', '/api/v1/'];

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly quota: KeyQuota;
  readonly burst: number;
  readonly tier: string;
}

const refusals = { burst: overBurst, hour: overQuota, reserved: reservedElsewhere, unstored: notCounted };

/** Counts the requests of each key and refuses those beyond the limits of its tier. */
@Injectable()
export class RequestLimiter implements RequestLimits {
  constructor(
    private readonly tiers: TiersView,
    private readonly bursts: Bursts,
    private readonly quotas: Quotas,
    private readonly exchange: QuotaExchange,
    private readonly metrics: LimitMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 429, 503 */
  admit(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
    const { caller } = request;
    if (caller === null || !this.counts(pathOf(request))) return undefined;
    const tier = this.tiers.of(caller);
    const quota = this.quotas.of(caller.id, tier.requests_per_hour);
    const asked = { request, reply, quota, burst: tier.burst_per_second, tier: tier.name };
    if (!this.bursts.take(caller.id, tier.burst_per_second)) this.refuse(asked, 'burst', { isBurst: true });
    if (!this.exchange.isStoreUp) {
      this.answer(asked, 'unlimited');
      return undefined;
    }
    const admission = quota.take();
    if (admission === 'waits') return this.exchange.wait(quota).then((outcome) => this.answer(asked, outcome));
    this.answer(asked, admission);
    if (admission === 'admitted') this.exchange.note(quota);
    return undefined;
  }

  counts(path: string): boolean {
    return COUNTED.some((prefix) => path.startsWith(prefix));
  }

  admitNow(caller: Caller): CountedRequest | undefined {
    const tier = this.tiers.of(caller);
    const quota = this.quotas.of(caller.id, tier.requests_per_hour);
    if (!this.exchange.isStoreUp || quota.nextAdmission !== 'admitted') return undefined;
    if (!this.bursts.take(caller.id, tier.burst_per_second)) return undefined;
    quota.take();
    this.metrics.decided(tier.name, 'admitted');
    const limit = this.shown(quota, tier.burst_per_second);
    this.exchange.note(quota);
    return { limit, headers: limitHeaders(limit, this.clock.now()) };
  }

  /** The limits of a caller now, without counting. */
  limitOf(caller: Caller): RequestLimit {
    const tier = this.tiers.of(caller);
    return this.shown(this.quotas.of(caller.id, tier.requests_per_hour), tier.burst_per_second);
  }

  private answer(asked: Exchange, outcome: WaitOutcome): void {
    if (outcome === 'refused') this.refuse(asked, asked.quota.remaining > 0 ? 'reserved' : 'hour', { remaining: 0 });
    if (outcome === 'unlimited') this.countUnlimited(asked);
    this.metrics.decided(asked.tier, outcome === 'unlimited' ? 'uncounted' : 'admitted');
    this.show(asked);
  }

  /** Reads go on while requests cannot be counted against the limit; a write would fail later, or could not be limited. */
  private countUnlimited(asked: Exchange): void {
    if (this.exchange.hasFailed && !READS.has(asked.request.method)) this.refuse(asked, 'unstored');
    asked.quota.takeUnlimited();
    this.exchange.note(asked.quota);
  }

  /** @throws ApiError */
  private refuse(asked: Exchange, decision: keyof typeof refusals, shown: Partial<ShownLimit> = {}): never {
    this.metrics.decided(asked.tier, decision);
    throw refusals[decision](this.show(asked, shown), this.clock.now());
  }

  private show({ request, reply, quota, burst }: Exchange, shown: Partial<ShownLimit> = {}): RequestLimit {
    const limit = { ...this.shown(quota, burst), ...shown };
    request.requestLimit = limit;
    void reply.headers(limitHeaders(limit, this.clock.now()));
    return limit;
  }

  private shown(quota: KeyQuota, burst: number): RequestLimit {
    const { limit, remaining, windowStart } = quota;
    return { limit, remaining, resetAt: endOf(windowStart) / 1_000, burst };
  }
}
