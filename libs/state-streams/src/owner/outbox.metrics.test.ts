import type { Database } from '@signalbox/persistence';
import { Metrics } from '@signalbox/platform';
import { expect, it } from 'vitest';
import { registerOutboxMetrics } from './outbox.metrics.js';

it('asks the database once for all that a scrape shows of the outbox, and again at the next', async () => {
  let queries = 0;
  const manager = {
    query: () => {
      queries += 1;
      return Promise.resolve([{ channel: 'readers', messages: queries, oldest_ms: 2_000 }]);
    },
  };
  const database = { ifUp: async (query: (given: typeof manager) => unknown) => query(manager) };
  const metrics = new Metrics({ service: 'test' });
  registerOutboxMetrics(metrics, database as unknown as Database);
  for (const scrape of [1, 2]) {
    const text = await metrics.text();
    expect(text).toContain(`signalbox_outbox_messages{stream="readers",service="test"} ${scrape}\n`);
    expect(text).toContain('signalbox_outbox_oldest_age_seconds{stream="readers",service="test"} 2\n');
    expect(queries).toBe(scrape);
  }
});
