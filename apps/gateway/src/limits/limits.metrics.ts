import { Inject, Injectable } from '@nestjs/common';
import { METRICS, type Counter, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { QuotaExchange } from './quota-exchange.js';

export const rateLimitDecisions = {
  name: 'signalbox_rate_limit_decisions_total',
  help: 'Requests below `/v1`, by tier: `admitted`; `uncounted`: admitted while the counts cannot be stored; refused: `burst`, `hour`, `reserved` by other gateways, `unstored`: a write that cannot be counted.',
  labels: ['tier', 'decision'],
} as const satisfies MetricDefinition;

export const limitsStoreUp = {
  name: 'signalbox_limits_store_up',
  help: '1 while request counts can be stored, else 0.',
} as const satisfies MetricDefinition;

const DECISIONS = ['admitted', 'uncounted', 'burst', 'hour', 'reserved', 'unstored'] as const;
export type LimitDecision = (typeof DECISIONS)[number];

/** Counts what became of requests that are limited. */
@Injectable()
export class LimitMetrics {
  private readonly decisions: Counter<(typeof rateLimitDecisions.labels)[number]>;
  private readonly tiers = new Set<string>();

  constructor(@Inject(METRICS) metrics: Metrics, exchange: QuotaExchange) {
    this.decisions = metrics.counter(rateLimitDecisions);
    metrics.gauge(limitsStoreUp, () => Number(!exchange.hasFailed));
  }

  decided(tier: string, decision: LimitDecision): void {
    if (!this.tiers.has(tier)) this.begin(tier);
    this.decisions.of({ tier, decision }).inc();
  }

  /** With the first request of a tier all its series are there, so that its first refusal shows as an increase. */
  private begin(tier: string): void {
    this.tiers.add(tier);
    for (const decision of DECISIONS) this.decisions.of({ tier, decision });
  }
}
