/** The stream of each owner. */
export const streams = {
  gateway: 'gateway',
  registry: 'registry',
  dataplane: 'dataplane',
  datasources: 'datasources',
  /** The readers whose heartbeats land in one partition. */
  readers: (partition: number): string => `readers.${partition}`,
} as const;
