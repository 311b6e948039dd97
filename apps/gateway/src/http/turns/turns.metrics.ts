import { Inject, Injectable } from '@nestjs/common';
import { METRICS, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { Turns } from './turns.js';
import { LIMITED_CLASSES } from './work-class.rules.js';

export const requestsAtWork = {
  name: 'signalbox_requests_at_work',
  help: 'Requests that have a place of their class: `read`, `write` or `long` (connection tests, reloads, loads of packages).',
  labels: ['class'],
} as const satisfies MetricDefinition;

export const requestsWaiting = {
  name: 'signalbox_requests_waiting',
  help: 'Requests that wait for a place of their class.',
  labels: ['class'],
} as const satisfies MetricDefinition;

@Injectable()
export class TurnMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, turns: Turns) {
    const read = (count: 'atWork' | 'waiting') => () =>
      LIMITED_CLASSES.map((work) => ({ labels: { class: work }, value: turns.countsOf(work)[count] }));
    metrics.gauge(requestsAtWork, read('atWork'));
    metrics.gauge(requestsWaiting, read('waiting'));
  }
}
