import type { Evidence, Finding, Rule } from '../rule.js';
import type { DatasourceTrouble, StatusFacts } from '../status-facts.js';
import { SERVER_TROUBLE } from './owners.js';
import { inWords, listed } from './words.js';

const MOST_EVIDENCE = 20;

/** One that fails less, and for less long, may be a restart of its source. */
export const RETRYING_LONG = { failures: 5, ms: 300_000 };

const OWNER_TROUBLE = [...SERVER_TROUBLE, 'datasources.owner_silent', 'datasources.behind'];

const DETAIL = 'GET /v1/datasources/{id}/detail, with a key of its account';

/**
 * Every account sees the status of all: the rules count datasources and name what they fail with, never a datasource or an account.
 */
export const datasourceRules: readonly Rule[] = [
  {
    id: 'datasources.rejected',
    component: 'datasources',
    status: 'degraded',
    when: 'the source of a datasource refuses the credentials or the signature, or lacks something, and the datasource is not paused',
    remedy: `Do what \`fix\` of each item of \`setup.failures\` says: ${DETAIL}. POST /v1/datasources/{id}/verify checks it at once.`,
    find: (facts) => find(facts, 'rejected', ({ trouble }) => trouble === 'rejected'),
  },
  {
    id: 'datasources.blocked',
    component: 'datasources',
    status: 'degraded',
    when: 'a datasource cannot go on until something is done at its source or here',
    remedy: `Do what \`sync.fix\` says: ${DETAIL}.`,
    find: (facts) => find(facts, 'blocked', ({ trouble }) => trouble === 'blocked'),
  },
  {
    id: 'datasources.stuck',
    component: 'datasources',
    status: 'degraded',
    when: 'a datasource is active and does not move while its source does',
    remedy: `Look at \`stuck.evidence\` and \`position\`: ${DETAIL}, and at the log of datasource-sync.`,
    explainedBy: OWNER_TROUBLE,
    find: (facts) => find(facts, 'stuck', ({ trouble }) => trouble === 'stuck'),
  },
  {
    id: 'datasources.retrying',
    component: 'datasources',
    status: 'degraded',
    when: `${RETRYING_LONG.failures} attempts in a row have failed for a datasource that is not paused, or it has been retried for ${inWords(RETRYING_LONG.ms)}`,
    remedy: `Check that the source runs, and that datasource-sync reaches it. \`sync.error\` says what failed: ${DETAIL}. It is retried by itself.`,
    explainedBy: OWNER_TROUBLE,
    find: (facts) => find(facts, 'retried without success', (each) => isRetriedLong(each, facts)),
  },
];

const isRetriedLong = ({ trouble, failures, since }: DatasourceTrouble, { at }: StatusFacts): boolean =>
  trouble === 'retrying' && (failures >= RETRYING_LONG.failures || at - since >= RETRYING_LONG.ms);

function find(
  { datasources: { total, troubles } }: StatusFacts,
  what: string,
  isMeant: (trouble: DatasourceTrouble) => boolean,
): Finding | undefined {
  const found = troubles.filter(isMeant);
  if (found.length === 0) return undefined;
  const byCode = countByCode(found);
  const codes = listed(byCode.map(({ code }) => code));
  return {
    sentence: `${found.length} of ${total} datasources ${found.length === 1 ? 'is' : 'are'} ${what}: ${codes}.`,
    evidence: byCode.slice(0, MOST_EVIDENCE).map(({ code, count, since }): Evidence => ({
      what: `datasources ${what}: ${code}`,
      value: count,
      observed_at: since,
      source: 'stream of datasource-sync',
    })),
  };
}

interface CodeCount {
  readonly code: string;
  readonly count: number;
  /** Unix ms of the first. */
  readonly since: number;
}

/** The most frequent first. */
function countByCode(troubles: readonly DatasourceTrouble[]): CodeCount[] {
  const counts = new Map<string, CodeCount>();
  for (const { code, since } of troubles) {
    const known = counts.get(code) ?? { code, count: 0, since };
    counts.set(code, { code, count: known.count + 1, since: Math.min(known.since, since) });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}
