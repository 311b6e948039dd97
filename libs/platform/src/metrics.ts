import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';

interface MetricOptions<Label extends string> {
  /** Prometheus name with its unit: `signalbox_beats_received_total`, `signalbox_replica_age_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

interface GaugeOptions<Label extends string> extends MetricOptions<Label> {
  /** Called at each scrape to set the value, for values that are read rather than counted. */
  readonly collect?: (gauge: Gauge<Label>) => void;
}

/** The metrics of one process: those of Node itself and its own, each with the label `service`. */
export class Metrics {
  private readonly registry = new Registry();

  /** Media type of `text()`. */
  readonly contentType = this.registry.contentType;

  constructor({ service }: { readonly service: string }) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }

  /** A count that only grows. A second metric of the same name throws. */
  counter<Label extends string = never>({ name, help, labels = [] }: MetricOptions<Label>): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  /** A value that goes up and down. A second metric of the same name throws. */
  gauge<Label extends string = never>({ name, help, labels = [], collect }: GaugeOptions<Label>): Gauge<Label> {
    return new Gauge<Label>({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      ...(collect && {
        collect() {
          collect(this);
        },
      }),
    });
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
