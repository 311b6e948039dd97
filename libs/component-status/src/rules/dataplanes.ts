import type { Evidence, Rule } from '../rule.js';
import type { DataplaneFacts, StatusFacts } from '../status-facts.js';
import { ageEvidence, seenAt } from './age-evidence.js';
import { SERVER_TROUBLE } from './owners.js';
import { inWords, listed } from './words.js';

const SOURCE = 'stream of dataplane-control';

const OWNER_TROUBLE = [...SERVER_TROUBLE, 'dataplane.owner_silent', 'dataplane.behind'];

/** Whether its last report still counts. */
export const hasReported = ({ reportedMs, timeoutMs }: DataplaneFacts): boolean =>
  reportedMs !== undefined && reportedMs <= timeoutMs;

export const dataplaneRules: readonly Rule[] = [
  {
    id: 'dataplane.silent',
    component: 'dataplane',
    status: 'degraded',
    when: 'a dataplane has sent no report for longer than SIGNALBOX_DATAPLANE_TIMEOUT_MS',
    remedy: 'Check that its agent runs and reaches the message broker.',
    explainedBy: OWNER_TROUBLE,
    find: (facts) => {
      const silent = facts.dataplanes.filter((dataplane) => !hasReported(dataplane));
      if (silent.length === 0) return undefined;
      const ages = silent.map(({ name, reportedMs }) =>
        reportedMs === undefined ? `${name} since this process started` : `${name} for ${inWords(reportedMs)}`,
      );
      return {
        sentence: `No report has been received from ${listed(ages)}.`,
        evidence: silent.map(({ name, reportedMs, timeoutMs }) =>
          ageEvidence(reportedMs, facts, {
            what: `ms since the last report of ${name}`,
            threshold: timeoutMs,
            source: SOURCE,
          }),
        ),
      };
    },
  },
  {
    id: 'dataplane.not_running',
    component: 'dataplane',
    status: 'degraded',
    when: 'a dataplane reports another state than `running`',
    remedy:
      'While it restarts, wait: GET /v1/restarts follows it. If it stays, look at the log of its agent; ' +
      'with Spark, check that the driver’s monitoring API answers.',
    find: (facts) => {
      const others = facts.dataplanes.filter((dataplane) => hasReported(dataplane) && dataplane.state !== 'running');
      if (others.length === 0) return undefined;
      return {
        sentence: `${listed(others.map(({ name, state }) => `${name} is ${state}`))}.`,
        evidence: others.map((dataplane) => ({
          ...lastReport(dataplane, facts),
          what: `state of ${dataplane.name}`,
          value: dataplane.state ?? null,
        })),
      };
    },
  },
  {
    id: 'dataplane.route_down',
    component: 'dataplane',
    status: 'degraded',
    when: 'a dataplane does not reach one of its private routes',
    remedy:
      'Check the host and port of the route, and the network between the dataplane and it; docs/operations.md lists the reasons.',
    find: (facts) => {
      const down = facts.dataplanes.filter(hasReported).flatMap((dataplane) =>
        Object.entries(dataplane.privateRoutes)
          .filter(([, result]) => result !== 'OK')
          .map(([route, result]) => ({ dataplane, route, result })),
      );
      if (down.length === 0) return undefined;
      return {
        sentence: `${down.length === 1 ? 'A private route is' : `${down.length} private routes are`} not reached: ${listed(
          down.map(({ route, dataplane }) => `${route} from ${dataplane.name}`),
        )}.`,
        evidence: down.map(({ dataplane, route, result }) => ({
          ...lastReport(dataplane, facts),
          what: `private route ${route}`,
          value: result,
        })),
      };
    },
  },
];

const lastReport = ({ reportedMs }: DataplaneFacts, facts: StatusFacts): Pick<Evidence, 'observed_at' | 'source'> => ({
  observed_at: seenAt(reportedMs, facts),
  source: SOURCE,
});
