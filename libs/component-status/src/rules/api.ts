import type { Rule } from '../rule.js';
import { SERVER_TROUBLE } from './owners.js';

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
    remedy: 'Wait some seconds. If it stays, check the database and the message broker.',
    explainedBy: SERVER_TROUBLE,
    find: ({ at, api }) =>
      api.knowsKeys
        ? undefined
        : {
            sentence: 'This gateway process does not know the API keys yet: it refuses every key.',
            evidence: [{ what: 'API keys are known', value: false, observed_at: at, source: 'stream of gateway' }],
          },
  },
];
