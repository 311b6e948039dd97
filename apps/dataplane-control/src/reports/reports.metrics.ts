import { Inject, Injectable } from '@nestjs/common';
import { dataplaneReport } from '@signalbox/contracts/messages';
import { METRICS, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { KnownDataplanes } from './known-dataplanes.js';
import { ReportAnnouncer } from './report-announcer.js';

const STATES = [...dataplaneReport.shape.state.options, 'unknown'] as const;

export const dataplanes = {
  name: 'signalbox_dataplanes',
  help: 'Dataplanes by the state in their last report; `unknown`: this process has received none since it started.',
  labels: ['state'],
} as const satisfies MetricDefinition;

export const oldestReport = {
  name: 'signalbox_dataplane_oldest_report_age_seconds',
  help: 'Since the last report of that dataplane whose is the oldest, or since the start of this process; 0 without any dataplane.',
} as const satisfies MetricDefinition;

@Injectable()
export class ReportMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, known: KnownDataplanes, announcer: ReportAnnouncer) {
    metrics.gauge(dataplanes, () => {
      const states = known.storedNames.map((name) => announcer.stateOf(name) ?? 'unknown');
      return STATES.map((state) => ({ labels: { state }, value: states.filter((each) => each === state).length }));
    });
    metrics.gauge(oldestReport, () => {
      const silences = known.storedNames.map((name) => announcer.silenceOf(name));
      return Math.max(0, ...silences) / 1_000;
    });
  }
}
