import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, METRICS, type Clock, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { PartitionKeepers } from './partition-keepers.js';

const STATES = ['loading', 'live', 'dead'] as const;

export const readers = {
  name: 'signalbox_readers',
  help: 'Readers by partition and state, in the process that owns the partition; absent in others.',
  labels: ['partition', 'state'],
} as const satisfies MetricDefinition;

/** The largest age and no histogram: that would count each reader again at each scrape. */
export const oldestHeartbeat = {
  name: 'signalbox_heartbeat_oldest_age_seconds',
  help: 'Since the last heartbeat of that loading or live reader of a partition whose is the oldest; 0 without any. Of 10 s intervals it is near 10.',
  labels: ['partition'],
} as const satisfies MetricDefinition;

export const canaryAge = {
  name: 'signalbox_canary_age_seconds',
  help: 'Since a canary last returned in time through a partition of this process; one is sent every second. Above 2.5 no reader of it is declared dead. `+Inf`: none yet.',
  labels: ['partition'],
} as const satisfies MetricDefinition;

@Injectable()
export class PartitionMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, keepers: PartitionKeepers, @Inject(CLOCK) clock: Clock) {
    metrics.gauge(readers, () =>
      Array.from(keepers.all()).flatMap(({ number, table }) => {
        const counts = table?.count();
        return counts === undefined
          ? []
          : STATES.map((state) => ({ labels: { partition: String(number), state }, value: counts[state] }));
      }),
    );
    metrics.gauge(oldestHeartbeat, () =>
      Array.from(keepers.all()).flatMap(({ number, table }) =>
        table === undefined
          ? []
          : {
              labels: { partition: String(number) },
              value: Math.max(0, clock.monotonic() - table.oldestHeartbeat()) / 1_000,
            },
      ),
    );
    metrics.gauge(canaryAge, () =>
      Array.from(keepers.all(), ({ number, canaryAgeMs }) => ({
        labels: { partition: String(number) },
        value: canaryAgeMs / 1_000,
      })),
    );
  }
}
