import { Inject, Injectable } from '@nestjs/common';
import { METRICS, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { ConnectionChecks } from './connection-checks.js';

export const brokerRoundTrip = {
  name: 'signalbox_broker_round_trip_seconds',
  help: 'How long the last message that this gateway sent to itself took; one is sent every 5 s.',
} as const satisfies MetricDefinition;

@Injectable()
export class ConnectionMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, checks: ConnectionChecks) {
    metrics.gauge(brokerRoundTrip, () => secondsOf(checks.roundTripMs));
  }
}

const secondsOf = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
