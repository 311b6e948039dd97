/** What Prometheus itself adds: the metric `up`, and labels of each series. */
const OF_PROMETHEUS = { metrics: ['up'], labels: ['job', 'instance', 'service'] };
/** The rows of the tables: name, kind, labels. */
const ROW = /^\| `(\w+)` \| (counter|gauge|histogram) \| (.*?) \|/gm;

/** The metrics that docs/operations.md lists as they are declared, and the queries that it shows. */
export class DocumentedMetrics {
  /** What a scrape names; of a histogram its count. */
  readonly names: string[] = [];
  readonly queries: readonly string[];
  private readonly labelsOf = new Map<string, ReadonlySet<string>>();

  constructor(page: string) {
    for (const [, name = '', kind, labels = ''] of page.matchAll(ROW)) {
      const own = [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label!);
      const isHistogram = kind === 'histogram';
      this.names.push(isHistogram ? `${name}_count` : name);
      const series = isHistogram ? [`${name}_count`, `${name}_sum`] : [name];
      for (const each of series) this.labelsOf.set(each, new Set([...own, ...OF_PROMETHEUS.labels]));
      if (isHistogram) this.labelsOf.set(`${name}_bucket`, new Set([...own, 'le', ...OF_PROMETHEUS.labels]));
    }
    for (const name of OF_PROMETHEUS.metrics) this.labelsOf.set(name, new Set(OF_PROMETHEUS.labels));
    const [, block = ''] = page.split('```promql\n');
    this.queries = block
      .split('\n```')[0]!
      .split('\n')
      .filter((line) => !line.startsWith('#'));
  }

  /** The metrics of a query that are not declared, and its labels that none of its metrics has. */
  undeclaredIn(query: string): string[] {
    const { metrics, labels } = namesIn(query);
    const known = new Set(metrics.flatMap((name) => [...(this.labelsOf.get(name) ?? [])]));
    return [...metrics.filter((name) => !this.labelsOf.has(name)), ...labels.filter((label) => !known.has(label))];
  }
}

/** The names in a query of PromQL, as far as docs/operations.md uses it. */
function namesIn(query: string): { metrics: string[]; labels: string[] } {
  const unquoted = query.replaceAll(/"[^"]*"/g, '""').replaceAll(/\[\w+\]/g, '');
  const grouping = /\b(?:by|without) ?\(([^)]*)\)/g;
  const matching = /\{([^}]*)\}/g;
  const labels = [...unquoted.matchAll(grouping), ...unquoted.matchAll(matching)].flatMap(([, text = '']) =>
    wordsOf(text),
  );
  const rest = unquoted.replaceAll(grouping, '').replaceAll(matching, '');
  // What is called is a function or an aggregation.
  return { metrics: wordsOf(rest.replaceAll(/\w+ *\(/g, '')), labels };
}

const wordsOf = (text: string): string[] => text.match(/\b[a-z_]\w*/gi) ?? [];
