import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, METRICS, type Clock, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { PartitionKeeper } from './partition.keeper.js';

const STATES = ['loading', 'live', 'dead'] as const;

export const readers = {
  name: 'signalbox_readers',
  help: 'Readers by state, in the process that owns the partition; absent in others.',
  labels: ['state'],
} as const satisfies MetricDefinition;

/** The largest age and no histogram: that would count each reader again at each scrape. */
export const oldestHeartbeat = {
  name: 'signalbox_heartbeat_oldest_age_seconds',
  help: 'Since the last heartbeat of that loading or live reader whose is the oldest; 0 without any. Of 10 s intervals it is near 10.',
} as const satisfies MetricDefinition;

export const canaryAge = {
  name: 'signalbox_canary_age_seconds',
  help: 'Since a canary last returned in time; one is sent every second. Above 2.5 no reader is declared dead. `+Inf`: none yet.',
} as const satisfies MetricDefinition;

@Injectable()
export class PartitionMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, keeper: PartitionKeeper, @Inject(CLOCK) clock: Clock) {
    metrics.gauge(readers, () => {
      const counts = keeper.table?.count();
      return counts && STATES.map((state) => ({ labels: { state }, value: counts[state] }));
    });
    metrics.gauge(
      oldestHeartbeat,
      () => keeper.table && Math.max(0, clock.monotonic() - keeper.table.oldestHeartbeat()) / 1_000,
    );
    metrics.gauge(canaryAge, () => keeper.canaryAgeMs / 1_000);
  }
}
