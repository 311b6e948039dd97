import type {
  CounterSeries,
  HistogramDefinition,
  HistogramSeries,
  MetricDefinition,
  Metrics,
} from '@signalbox/platform';
import type { Assignment } from '../work/assignment.js';
import type { PublishRefusal } from '../work/publish-refused.js';

/** A change that is too large is refused by the worker. */
const REFUSALS = ['broker', 'store', 'not_held'] as const satisfies PublishRefusal[];

export const publishedChanges = {
  name: 'signalbox_datasource_changes_published_total',
  help: 'Changes that RabbitMQ has confirmed, by the kind of their datasource.',
  labels: ['connection'],
} as const satisfies MetricDefinition;

export const publishDuration = {
  name: 'signalbox_datasource_publish_duration_seconds',
  help: 'From receiving a batch of changes of a worker until RabbitMQ has confirmed it.',
  labels: ['connection'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
} as const satisfies HistogramDefinition;

export const refusedBatches = {
  name: 'signalbox_datasource_publish_refused_total',
  help: 'How often changes were not published and are read again: `broker`, `store` (the position could not be stored), `not_held` (another process takes the datasource over).',
  labels: ['reason'],
} as const satisfies MetricDefinition;

/** Counts what is published. */
export class PublishingMetrics {
  private readonly changes: Record<Assignment['connection'], CounterSeries>;
  private readonly durations: Record<Assignment['connection'], HistogramSeries>;
  private readonly refusals: ReadonlyMap<PublishRefusal, CounterSeries>;

  constructor(metrics: Metrics) {
    const changes = metrics.counter(publishedChanges);
    const durations = metrics.histogram(publishDuration);
    const refusals = metrics.counter(refusedBatches);
    this.changes = { direct: changes.of({ connection: 'direct' }), endpoint: changes.of({ connection: 'endpoint' }) };
    this.durations = {
      direct: durations.of({ connection: 'direct' }),
      endpoint: durations.of({ connection: 'endpoint' }),
    };
    this.refusals = new Map(
      REFUSALS.map((reason): [PublishRefusal, CounterSeries] => [reason, refusals.of({ reason })]),
    );
  }

  published(connection: Assignment['connection'], changes: number, ms: number): void {
    this.changes[connection].inc(changes);
    this.durations[connection].observe(ms / 1_000);
  }

  refused(reason: PublishRefusal): void {
    this.refusals.get(reason)?.inc();
  }
}
