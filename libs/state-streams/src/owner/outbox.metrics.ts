import { outboxBacklogs, type Database, type OutboxBacklog } from '@signalbox/persistence';
import type { MetricDefinition, Metrics } from '@signalbox/platform';

export const outboxMessages = {
  name: 'signalbox_outbox_messages',
  help: 'Changes of an own stream, and entries for the audit trail (audit), that are committed and not published yet. Every process of a service shows the same.',
  labels: ['stream'],
} as const satisfies MetricDefinition;

export const outboxOldestAge = {
  name: 'signalbox_outbox_oldest_age_seconds',
  help: 'Age of the oldest of them; 0 without any.',
  labels: ['stream'],
} as const satisfies MetricDefinition;

/** Registers what the database says of the outbox at each scrape; nothing while it does not answer. */
export function registerOutboxMetrics(metrics: Metrics, database: Database): void {
  // A scrape reads both gauges at the same time: they share the answer to one query.
  let asked: Promise<OutboxBacklog[] | undefined> | undefined;
  const backlogs = (): Promise<OutboxBacklog[] | undefined> =>
    (asked ??= database.ifUp(outboxBacklogs).finally(() => {
      asked = undefined;
    }));
  const reading = (valueOf: (backlog: OutboxBacklog) => number) => async () => {
    const known = await backlogs();
    return known?.map((backlog) => ({ labels: { stream: backlog.channel }, value: valueOf(backlog) }));
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
