import type { HistogramDefinition, LabelValues, MetricDefinition, Sample } from './metric-definition.js';

/** A count that only grows. */
export class CounterSeries {
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }
}

/** How many observations fell into each bucket, and their sum. */
export class HistogramSeries {
  readonly counts: number[];
  sum = 0;

  constructor(private readonly buckets: readonly number[]) {
    this.counts = Array.from({ length: buckets.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const { buckets, counts } = this;
    let index = 0;
    while (index < buckets.length && value > buckets[index]!) index += 1;
    counts[index]! += 1;
    this.sum += value;
  }
}

/**
 * The series of one metric by their labels. prom-client looks a series up by a text of all labels at each observation (0.4 µs for a
 * counter, 2 µs for a histogram). Here code on a busy path keeps its series (0.03 µs).
 */
class Family<Label extends string, Series> {
  protected readonly series = new Map<string, { readonly labels: LabelValues<Label>; readonly series: Series }>();

  constructor(
    readonly definition: MetricDefinition<Label>,
    private readonly create: () => Series,
  ) {
    // A metric without labels is there from the start, so that its first increase shows: `rate` and `increase` see nothing of a series
    // that begins with 1. A feature that knows the values of its labels calls `of` for each.
    if ((definition.labels ?? []).length === 0) this.of({} as LabelValues<Label>);
  }

  /** The series with these labels, always the same object. */
  of(labels: LabelValues<Label>): Series {
    const key = (this.definition.labels ?? []).map((label) => labels[label]).join('\0');
    let known = this.series.get(key);
    if (known === undefined) this.series.set(key, (known = { labels, series: this.create() }));
    return known.series;
  }
}

export class Counter<Label extends string = never> extends Family<Label, CounterSeries> {
  constructor(definition: MetricDefinition<Label>) {
    super(definition, () => new CounterSeries());
  }

  samples(): Sample[] {
    const { name: metricName } = this.definition;
    return [...this.series.values()].map(({ labels, series: { value } }) => ({ metricName, labels, value }));
  }
}

export class Histogram<Label extends string = never> extends Family<Label, HistogramSeries> {
  private readonly buckets: readonly number[];

  constructor(definition: HistogramDefinition<Label>) {
    const { buckets } = definition;
    super(definition, () => new HistogramSeries(buckets));
    this.buckets = buckets;
  }

  samples(): Sample[] {
    return [...this.series.values()].flatMap(({ labels, series }) => this.samplesOf(labels, series));
  }

  private samplesOf(labels: LabelValues<Label>, { counts, sum }: HistogramSeries): Sample[] {
    const { name } = this.definition;
    let count = 0;
    const buckets = counts.map((inBucket, index) => {
      count += inBucket;
      const le = String(this.buckets[index] ?? '+Inf');
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
