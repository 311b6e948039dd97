import { Inject, Injectable } from '@nestjs/common';
import { registryService } from '@signalbox/contracts/streams';
import { METRICS, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { Lifecycle } from './lifecycle.js';

export const registryState = {
  name: 'signalbox_registry_state',
  help: '1 for the present state of the registry (`initializing`, `serving`, `draining`), 0 for the others.',
  labels: ['state'],
} as const satisfies MetricDefinition;

@Injectable()
export class LifecycleMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, lifecycle: Lifecycle) {
    metrics.gauge(registryState, () =>
      registryService.shape.state.options.map((state) => ({
        labels: { state },
        value: Number(state === lifecycle.now.state),
      })),
    );
  }
}
