import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';

interface MetricOptions<Label extends string> {
  /** Prometheus name with its unit: `signalbox_beats_received_total`, `signalbox_replica_age_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

interface GaugeOptions<Label extends string> extends MetricOptions<Label> {
  /** Called at each scrape to set the value, for a value that is read and not counted. */
  readonly collect?: (gauge: Gauge<Label>) => void;
}

/** Node's own metrics, by service: their observers cannot be removed, so services that start again in one process share them. */
const ofNode = new Map<string, Registry>();

/** The metrics of one service: those of Node itself and its own, each with the label `service`. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly ofNode: Registry;

  /** Media type of `text()`. */
  readonly contentType = this.registry.contentType;

  constructor({ service }: { readonly service: string }) {
    this.registry.setDefaultLabels({ service });
    this.ofNode = ofNode.get(service) ?? metricsOfNode(service);
    ofNode.set(service, this.ofNode);
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
  async text(): Promise<string> {
    return `${await this.ofNode.metrics()}\n${await this.registry.metrics()}`;
  }
}

function metricsOfNode(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}
