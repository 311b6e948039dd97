import { Inject, Injectable } from '@nestjs/common';
import { datasourceAttempt, type DatasourceAttempt } from '@signalbox/contracts/messages';
import { METRICS, type Counter, type MetricDefinition, type Metrics } from '@signalbox/platform';

export const attempts = {
  name: 'signalbox_datasource_attempts_total',
  help: 'Checks, and attempts to read sources, that this process stored, by kind and outcome. `refused`: the source answered and refuses.',
  labels: ['kind', 'outcome'],
} as const satisfies MetricDefinition;

@Injectable()
export class RecordsMetrics {
  private readonly attempts: Counter<(typeof attempts.labels)[number]>;

  constructor(@Inject(METRICS) metrics: Metrics) {
    this.attempts = metrics.counter(attempts);
    const { kind: kinds, outcome: outcomes } = datasourceAttempt.shape;
    // There from the start, so that the first one shows as an increase.
    for (const kind of kinds.options) for (const outcome of outcomes.options) this.attempts.of({ kind, outcome });
  }

  stored(stored: readonly Pick<DatasourceAttempt, 'kind' | 'outcome'>[]): void {
    for (const { kind, outcome } of stored) this.attempts.of({ kind, outcome }).inc();
  }
}
