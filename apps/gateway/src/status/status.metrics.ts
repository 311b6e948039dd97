import { Inject, Injectable } from '@nestjs/common';
import { componentStatuses } from '@signalbox/component-status';
import { METRICS, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { CurrentStatus } from './current-status.js';

export const componentStatus = {
  name: 'signalbox_component_status',
  help: '1 for the present status of a component, 0 for the others: what `GET /v1/status` shows.',
  labels: ['component', 'status'],
} as const satisfies MetricDefinition;

@Injectable()
export class StatusMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, current: CurrentStatus) {
    metrics.gauge(componentStatus, () =>
      current
        .get()
        .report.components.flatMap(({ component, status: present }) =>
          componentStatuses.map((status) => ({ labels: { component, status }, value: Number(status === present) })),
        ),
    );
  }
}
