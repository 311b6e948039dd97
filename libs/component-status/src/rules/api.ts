import type { Rule } from '../rule.js';
import { ageEvidence } from './age-evidence.js';
import { SERVER_TROUBLE } from './owners.js';
import { isCurrent, OWNER_SILENT_MS } from './received.js';

/** This process itself. */
export const apiRules: readonly Rule[] = [
  {
    id: 'api.stopping',
    component: 'api',
    status: 'degraded',
    when: 'this gateway process is stopping',
    remedy: 'Nothing, if it is being replaced: it answers until load balancers have turned to another process.',
    find: ({ at, api }) =>
      api.isStopping
        ? {
            sentence: 'This gateway process is stopping.',
            evidence: [{ what: 'stopping', value: true, observed_at: at, source: 'this process' }],
          }
        : undefined,
  },
  {
    id: 'api.keys_unknown',
    component: 'api',
    status: 'unavailable',
    when: 'this gateway process has not received the API keys yet',
    remedy:
      'Wait some seconds. If it stays, check the database and the message broker. ' +
      'No key is accepted here until then, so that only the metric signalbox_component_status shows it.',
    explainedBy: SERVER_TROUBLE,
    find: ({ at, api }) =>
      api.stream.hasSnapshot
        ? undefined
        : {
            sentence: 'This gateway process does not know the API keys yet: it refuses every key.',
            evidence: [{ what: 'API keys are known', value: false, observed_at: at, source: 'stream of gateway' }],
          },
  },
  {
    id: 'api.stream_stale',
    component: 'api',
    status: 'degraded',
    when: 'what other gateways publish does not arrive, or a part of it is missing: API keys, accounts, notices',
    remedy:
      'Check that one gateway reaches both the database and the message broker: it publishes for all. ' +
      'Until then a key that another gateway revokes can still read here, for `SIGNALBOX_ACCESS_STALE_LIMIT` at most.',
    explainedBy: SERVER_TROUBLE,
    find: (facts) => {
      const { stream } = facts.api;
      if (!stream.hasSnapshot || isCurrent(stream)) return undefined;
      const evidence = ageEvidence(stream.silentMs, facts, {
        what: 'ms since a message of the gateways was received',
        threshold: OWNER_SILENT_MS,
        source: 'stream of gateway',
      });
      return {
        sentence:
          'The API keys, accounts and notices that this gateway process knows may be out of date: changes do not arrive.',
        evidence: [evidence],
      };
    },
  },
];
