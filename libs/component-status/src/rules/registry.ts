import type { Rule } from '../rule.js';
import { SERVER_TROUBLE } from './owners.js';
import { listed } from './words.js';

const MOST_EVIDENCE = 20;

export const registryRules: readonly Rule[] = [
  {
    id: 'registry.load_error',
    component: 'registry',
    status: 'degraded',
    when: 'the registry could not load a project, a package, a connection or its configuration file',
    remedy:
      'Fix what `loadErrors` of GET /api/v0/status names, then load it again with `?reload=true`, or restart the registry.',
    find: ({ registry: { loadErrors } }) =>
      loadErrors.length === 0
        ? undefined
        : {
            sentence: `${loadErrors.length === 1 ? 'Something' : `${loadErrors.length} things`} could not be loaded: ${listed(
              loadErrors.map(({ subject }) => subject),
            )}.`,
            evidence: loadErrors.slice(0, MOST_EVIDENCE).map(({ subject, message, at }) => ({
              what: subject,
              value: message,
              observed_at: at,
              source: 'stream of registry',
            })),
          },
  },
  {
    id: 'registry.not_serving',
    component: 'registry',
    status: 'degraded',
    when: 'the registry is initializing or draining: it takes no changes',
    remedy: 'Wait: it serves when it has loaded its projects, or its next process does.',
    explainedBy: [...SERVER_TROUBLE, 'registry.owner_silent', 'registry.behind'],
    find: ({ at, owners: { registry: owner }, registry: { state } }) =>
      state === 'serving' || (state === undefined && !owner.hasSnapshot)
        ? undefined
        : {
            sentence: `The registry is ${state ?? 'in an unknown state'}: it takes no changes.`,
            evidence: [
              { what: 'operational state', value: state ?? null, observed_at: at, source: 'stream of registry' },
            ],
          },
  },
];
