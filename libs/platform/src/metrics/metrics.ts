import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';
import { buildVersion, release } from '../build.js';
import { systemClock } from '../clock.js';
import { within } from '../within.js';
import { buildInfo } from './build-info.metrics.js';
import { Counter, Histogram } from './families.js';
import type { HistogramDefinition, LabelValues, MetricDefinition, Sample } from './metric-definition.js';

/** What a gauge is now: one value; one a series; undefined: not known, and not shown. */
export type Reading<Label extends string> =
  | number
  | undefined
  | readonly { readonly labels: LabelValues<Label>; readonly value: number }[];

export interface MetricsOptions {
  readonly service: string;
}

/** A gauge that asks a database must not keep the whole answer waiting for longer. */
const READ_TIMEOUT_MS = 500;

/** Their names end as those of counters do, and they are none: `promtool check metrics` refuses them. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/** Between two looks at how late the event loop is. One each 10 ms, as by default, is most of what a process does that has no work. */
const EVENT_LOOP_LOOK_MS = 100;

/** Node's own metrics, by service: their observers cannot be removed, so services that start again in one process share them. */
const ofNode = new Map<string, Registry>();

/** The metrics of one service: those of Node itself and its own, each with the label `service`. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly ofNode: Registry;

  /** Media type of `text()`. */
  readonly contentType = this.registry.contentType;

  constructor({ service }: MetricsOptions) {
    this.registry.setDefaultLabels({ service });
    this.ofNode = ofNode.get(service) ?? metricsOfNode(service);
    ofNode.set(service, this.ofNode);
    const version = buildVersion(import.meta.url);
    this.gauge(buildInfo, () => [{ labels: { release, version }, value: 1 }]);
  }

  /** A count that only grows. A second metric of the same name throws. */
  counter<const Label extends string = never>(definition: MetricDefinition<Label>): Counter<Label> {
    const counter = new Counter(definition);
    this.register(definition, 'counter', () => counter.samples());
    return counter;
  }

  /** Counts observations by size. A second metric of the same name throws. */
  histogram<const Label extends string = never>(definition: HistogramDefinition<Label>): Histogram<Label> {
    const histogram = new Histogram(definition);
    this.register(definition, 'histogram', () => histogram.samples());
    return histogram;
  }

  /**
   * A value that is read at each scrape. Where reading fails or takes longer than half a second, the metric is left out of that
   * answer. A second metric of the same name throws.
   */
  gauge<const Label extends string = never>(
    definition: MetricDefinition<Label>,
    read: () => Reading<Label> | Promise<Reading<Label>>,
  ): void {
    this.register(definition, 'gauge', async () => {
      try {
        const reading = await within({ clock: systemClock, ms: READ_TIMEOUT_MS }, Promise.resolve(read()));
        return samplesOf(definition.name, reading);
      } catch {
        return [];
      }
    });
  }

  /** All metrics in Prometheus' text format. */
  async text(): Promise<string> {
    return `${await this.ofNode.metrics()}\n${await this.registry.metrics()}`;
  }

  private register(
    { name, help }: MetricDefinition,
    type: 'counter' | 'gauge' | 'histogram',
    samples: () => Sample[] | Promise<Sample[]>,
  ): void {
    // What the registry asks of a metric. Its own kinds are slower, see `Family`.
    const metric = { name, help, type, get: async () => ({ name, help, type, values: await samples() }) };
    this.registry.registerMetric(metric as unknown as Metric);
  }
}

function samplesOf(metricName: string, reading: Reading<string>): Sample[] {
  if (reading === undefined) return [];
  if (typeof reading === 'number') return [{ metricName, labels: {}, value: reading }];
  return reading.map((series) => ({ metricName, ...series }));
}

function metricsOfNode(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_MS });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}
