import type { Rule } from '../rule.js';
import { listed } from './words.js';

export const readerRules: readonly Rule[] = [
  {
    id: 'readers.dead',
    component: 'readers',
    status: 'degraded',
    when: 'a reader is dead',
    remedy:
      'Look at the process of the reader (`pids` in GET /status) and its connection to RabbitMQ. ' +
      'Its next heartbeat makes it live again; it is forgotten after an hour, or when it deregisters.',
    find: ({ readers: { dead, live, loading, latestDead } }) =>
      dead === 0
        ? undefined
        : {
            sentence: `${dead} of ${dead + live + loading} readers ${dead === 1 ? 'is' : 'are'} dead: ${listed(
              latestDead.map(({ id }) => id),
              dead,
            )}.`,
            evidence: latestDead.map(({ id, since }) => ({
              what: `state of reader ${id}`,
              value: 'dead',
              observed_at: since,
              source: 'stream of reader-heartbeat',
            })),
          },
  },
];
