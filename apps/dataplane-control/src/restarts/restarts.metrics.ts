import { Inject, Injectable } from '@nestjs/common';
import { restartState, RESTART_ENDS, type RestartEntry } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import {
  METRICS,
  type Histogram,
  type HistogramDefinition,
  type MetricDefinition,
  type Metrics,
} from '@signalbox/platform';
import { RestartRepository } from './restart.repository.js';

export const openRestarts = {
  name: 'signalbox_restarts_open',
  help: 'Restarts that have not ended, by state.',
  labels: ['state'],
} as const satisfies MetricDefinition;

export const restartDuration = {
  name: 'signalbox_restart_duration_seconds',
  help: 'From the request of a restart until its end: `healthy`, `expired` or `timed_out`. A restart that was reported as expired and is executed all the same counts at both ends.',
  labels: ['result'],
  buckets: [1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600],
} as const satisfies HistogramDefinition;

const OPEN = restartState.options.filter((state) => !RESTART_ENDS.has(state));

@Injectable()
export class RestartMetrics {
  private readonly durations: Histogram<(typeof restartDuration.labels)[number]>;

  constructor(@Inject(METRICS) metrics: Metrics, database: Database, restarts: RestartRepository) {
    this.durations = metrics.histogram(restartDuration);
    // There from the start, so that the first end shows as an increase.
    for (const result of RESTART_ENDS) this.durations.of({ result });
    metrics.gauge(openRestarts, () =>
      database.ifUp(async (manager) => {
        const counts = await restarts.countOpen(manager);
        return OPEN.map((state) => ({ labels: { state }, value: counts.get(state) ?? 0 }));
      }),
    );
  }

  /** An end that was counted is not taken back: a count only grows. */
  ended({ state: result, timeline }: RestartEntry): void {
    const [first, last] = [timeline[0], timeline.at(-1)];
    if (first && last) this.durations.of({ result }).observe((last.at - first.at) / 1_000);
  }
}
