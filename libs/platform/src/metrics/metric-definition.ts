/** A metric as it is declared: in a file `*.metrics.ts` of the feature that knows its values. docs/operations.md lists all of them. */
export interface MetricDefinition<Label extends string = string> {
  /**
   * Prometheus name with its base unit: `signalbox_stream_age_seconds`. A counter ends in `_total`, nothing else does.
   */
  readonly name: string;
  /** What one reads it as, for operators. */
  readonly help: string;
  /** Their values are a bounded set, and never ids, URLs or keys. */
  readonly labels?: readonly Label[];
}

export interface HistogramDefinition<Label extends string = string> extends MetricDefinition<Label> {
  /** Upper bounds, in order. */
  readonly buckets: readonly number[];
}

/** The value of each label of one series. */
export type LabelValues<Label extends string> = Readonly<Record<Label, string>>;

/** A line of Prometheus' text format. */
export interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
