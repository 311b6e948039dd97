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

const DECISIONS = ['admitted', 'uncounted', 'burst', 'hour', 'reserved', 'unstored'] as const;
export type LimitDecision = (typeof DECISIONS)[number];

type DecisionSeries = Readonly<Record<LimitDecision, CounterSeries>>;

/** Counts what became of requests that are limited. */
@Injectable()
export class LimitMetrics {
  private readonly decisions: Counter<(typeof rateLimitDecisions.labels)[number]>;
  private readonly byTier = new Map<string, DecisionSeries>();

  constructor(@Inject(METRICS) metrics: Metrics, exchange: QuotaExchange) {
    this.decisions = metrics.counter(rateLimitDecisions);
    metrics.gauge(limitsStoreUp, () => Number(!exchange.hasFailed));
  }

  decided(tier: string, decision: LimitDecision): void {
    (this.byTier.get(tier) ?? this.begin(tier))[decision].inc();
  }

  /** With the first request of a tier all its series are there, so that its first refusal shows as an increase. */
  private begin(tier: string): DecisionSeries {
    const entries = DECISIONS.map((decision) => [decision, this.decisions.of({ tier, decision })]);
    const series = Object.fromEntries(entries) as DecisionSeries;
    this.byTier.set(tier, series);
    return series;
  }
}
