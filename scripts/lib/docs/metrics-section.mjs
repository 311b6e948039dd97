// @ts-check
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from '../base/home.mjs';
import { trackedFiles } from '../source/tracked-files.mjs';
import { withGeneratedPart } from './generated-part.mjs';
import { code, table } from './tables.mjs';

/** @typedef {import('@signalbox/platform').MetricDefinition & { buckets?: readonly number[] }} Definition */

/** Where a metric is declared says which processes have it. @type {[folder: string, title: string][]} */
const places = [
  ['libs/platform/', 'every process'],
  ['libs/messaging/', 'every process: messages'],
  ['libs/nest-service/', 'every service, but not dataplane-agent'],
  ['libs/state-streams/src/replica/', 'the followers of state streams: gateway, reader-heartbeat'],
  ['libs/state-streams/src/owner/', 'the owners of state streams in the database: all services but reader-heartbeat'],
  ...[
    'gateway',
    'reader-heartbeat',
    'registry',
    'dataplane-control',
    'dataplane-agent',
    'datasource-sync',
    'journal',
  ].map((app) => /** @type {[string, string]} */ ([`apps/${app}/`, app])),
];

/**
 * docs/operations.md with the tables of metrics as they are declared now. Needs a build.
 * @param {string} page
 */
export async function withMetrics(page) {
  const files = trackedFiles(checkout).filter((file) => file.endsWith('.metrics.ts'));
  const lost = files.find((file) => !places.some(([folder]) => file.startsWith(folder)));
  if (lost)
    throw new Error(`scripts/lib/docs/metrics-section.mjs does not say which processes have the metrics of ${lost}`);
  const sections = await Promise.all(
    places.map(async ([folder, title]) => {
      const definitions = (
        await Promise.all(files.filter((file) => file.startsWith(folder)).map(definitionsIn))
      ).flat();
      return definitions.length === 0 ? [] : [`**${title}**\n\n${tableOf(definitions)}`];
    }),
  );
  return withGeneratedPart(page, {
    from: 'the files `*.metrics.ts`. Change the texts there.',
    content: sections.flat().join('\n\n'),
  });
}

/** @param {string} file @returns {Promise<Definition[]>} what it exports beside classes and functions */
async function definitionsIn(file) {
  const compiled = join(checkout, file.replace('/src/', '/dist/').replace(/\.ts$/, '.js'));
  const exported = /** @type {Record<string, unknown>} */ (await import(pathToFileURL(compiled).href));
  return /** @type {Definition[]} */ (Object.values(exported).filter((value) => typeof value === 'object'));
}

/** @param {Definition[]} definitions */
function tableOf(definitions) {
  const rows = definitions
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((definition) => [
      code(definition.name),
      kindOf(definition),
      (definition.labels ?? []).map(code).join(', ') || '–',
      definition.help,
    ]);
  return table(['metric', 'kind', 'labels', 'meaning'], rows);
}

/** @param {Definition} definition */
function kindOf({ name, buckets }) {
  if (buckets) return 'histogram';
  return name.endsWith('_total') ? 'counter' : 'gauge';
}
