import type { MetricDefinition } from '@signalbox/platform';

export const databaseRoundTrip = {
  name: 'signalbox_database_round_trip_seconds',
  help: 'How long the last answered ping of the database took; one is sent every 5 s.',
} as const satisfies MetricDefinition;
