import { Inject, Injectable } from '@nestjs/common';
import { METRICS, type Counter, type CounterSeries, type MetricDefinition, type Metrics } from '@signalbox/platform';
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

export type LimitDecision = 'admitted' | 'uncounted' | 'burst' | 'hour' | 'reserved' | 'unstored';

/** Counts what became of requests that are limited. */
@Injectable()
export class LimitMetrics {
  private readonly decisions: Counter<(typeof rateLimitDecisions.labels)[number]>;
  /** By tier, since nearly all requests are admitted. */
  private readonly admitted = new Map<string, CounterSeries>();

  constructor(@Inject(METRICS) metrics: Metrics, exchange: QuotaExchange) {
    this.decisions = metrics.counter(rateLimitDecisions);
    metrics.gauge(limitsStoreUp, () => Number(!exchange.hasFailed));
  }

  decided(tier: string, decision: LimitDecision): void {
    if (decision === 'admitted') this.admittedOf(tier).inc();
    else this.decisions.of({ tier, decision }).inc();
  }

  private admittedOf(tier: string): CounterSeries {
    let series = this.admitted.get(tier);
    if (series === undefined) this.admitted.set(tier, (series = this.decisions.of({ tier, decision: 'admitted' })));
    return series;
  }
}
