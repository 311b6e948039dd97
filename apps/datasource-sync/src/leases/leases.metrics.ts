import { Inject, Injectable } from '@nestjs/common';
import { METRICS, type CounterSeries, type MetricDefinition, type Metrics } from '@signalbox/platform';

export const heldDatasources = {
  name: 'signalbox_datasources_held',
  help: 'Datasources that this process works on.',
} as const satisfies MetricDefinition;

export const takenDatasources = {
  name: 'signalbox_datasource_takeovers_total',
  help: 'Datasources that this process took because no process held them: at starts, after failures of processes, and to share the work.',
} as const satisfies MetricDefinition;

@Injectable()
export class LeaseMetrics {
  private readonly takeovers: CounterSeries;

  constructor(@Inject(METRICS) private readonly metrics: Metrics) {
    this.takeovers = metrics.counter(takenDatasources).of({});
  }

  showHeld(count: () => number): void {
    this.metrics.gauge(heldDatasources, count);
  }

  taken(count: number): void {
    this.takeovers.inc(count);
  }
}
