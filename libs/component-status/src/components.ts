/** The parts whose states the status APIs show. The order is that of causes before effects. */
export const componentNames = [
  'messaging',
  'storage',
  'api',
  'readers',
  'registry',
  'dataplane',
  'datasources',
] as const;
export type ComponentName = (typeof componentNames)[number];

/** The better before the worse. */
export const componentStatuses = ['operational', 'degraded', 'unavailable'] as const;
export type ComponentStatus = (typeof componentStatuses)[number];

export type OverallStatus = 'operational' | 'degraded' | 'critical';

export const worstOf = (statuses: readonly ComponentStatus[]): ComponentStatus =>
  componentStatuses[Math.max(0, ...statuses.map((status) => componentStatuses.indexOf(status)))]!;

/** The components that a service owns, and how people know the service. */
export const owners = {
  readers: 'reader-heartbeat',
  registry: 'registry',
  dataplane: 'dataplane-control',
  datasources: 'datasource-sync',
} as const satisfies Partial<Record<ComponentName, string>>;
export type OwnedComponent = keyof typeof owners;
