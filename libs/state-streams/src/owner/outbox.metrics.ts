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
  // A scrape reads both gauges at the same time: they share the answer to one query.
  let asked: Promise<OutboxBacklog | undefined> | undefined;
  const backlog = (): Promise<OutboxBacklog | undefined> =>
    (asked ??= database
      .ifUp((manager) => outboxBacklog(manager, stream))
      .finally(() => {
        asked = undefined;
      }));
  const reading = (valueOf: (backlog: OutboxBacklog) => number) => async () => {
    const known = await backlog();
    return known && [{ labels: { stream }, value: valueOf(known) }];
  };
  metrics.gauge(
    outboxMessages,
    reading(({ messages }) => messages),
  );
  metrics.gauge(
    outboxOldestAge,
    reading(({ oldestMs }) => oldestMs / 1_000),
  );
}
