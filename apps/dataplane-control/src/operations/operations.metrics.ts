import { Inject, Injectable } from '@nestjs/common';
import type { OperationEntry } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import {
  METRICS,
  type Histogram,
  type HistogramDefinition,
  type MetricDefinition,
  type Metrics,
} from '@signalbox/platform';
import { OperationRepository } from './operation.repository.js';
import { OPERATION_ENDS } from './operation.rules.js';

const OPEN = ['queued', 'running', 'interrupted'] as const satisfies OperationEntry['state'][];

export const openOperations = {
  name: 'signalbox_operations_open',
  help: 'Operations that have not ended, by state.',
  labels: ['state'],
} as const satisfies MetricDefinition;

export const operationDuration = {
  name: 'signalbox_operation_duration_seconds',
  help: 'From the request of an operation until its end: `finished` or `failed`.',
  labels: ['result'],
  buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800, 7_200],
} as const satisfies HistogramDefinition;

@Injectable()
export class OperationMetrics {
  private readonly durations: Histogram<(typeof operationDuration.labels)[number]>;

  constructor(@Inject(METRICS) metrics: Metrics, database: Database, operations: OperationRepository) {
    this.durations = metrics.histogram(operationDuration);
    // There from the start, so that the first end shows as an increase.
    for (const result of OPERATION_ENDS) this.durations.of({ result });
    metrics.gauge(openOperations, () =>
      database.ifUp(async (manager) => {
        const counts = await operations.countOpen(manager);
        return OPEN.map((state) => ({ labels: { state }, value: counts.get(state) ?? 0 }));
      }),
    );
  }

  /** One with more than fifty steps counts from the first that is kept. */
  ended({ state: result, timeline }: OperationEntry): void {
    const [first, last] = [timeline[0], timeline.at(-1)];
    if (first && last) this.durations.of({ result }).observe((last.at - first.at) / 1_000);
  }
}
