import { outboxBacklog, type Database, type OutboxBacklog } from '@signalbox/persistence';
import type { MetricDefinition, Metrics } from '@signalbox/platform';

export const outboxMessages = {
  name: 'signalbox_outbox_messages',
  help: 'Changes of an own stream that are committed and not published yet. Every process of a service shows the same.',
  labels: ['stream'],
} as const satisfies MetricDefinition;

export const outboxOldestAge = {
  name: 'signalbox_outbox_oldest_age_seconds',
  help: 'Age of the oldest of them; 0 without any.',
  labels: ['stream'],
} as const satisfies MetricDefinition;

/** Registers what the database says of the outbox at each scrape; nothing while it does not answer. */
export function registerOutboxMetrics(metrics: Metrics, database: Database, stream: string): void {
  const ask = (valueOf: (backlog: OutboxBacklog) => number) => () =>
    database.ifUp(async (manager) => [{ labels: { stream }, value: valueOf(await outboxBacklog(manager, stream)) }]);
  metrics.gauge(
    outboxMessages,
    ask(({ messages }) => messages),
  );
  metrics.gauge(
    outboxOldestAge,
    ask(({ oldestMs }) => oldestMs / 1_000),
  );
}
