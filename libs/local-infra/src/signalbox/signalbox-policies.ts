import type { QueuePolicy } from '../rabbitmq/definitions.js';

const MIB = 1024 ** 2;
const GIB = 1024 * MIB;
const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

export const signalboxPolicies: readonly QueuePolicy[] = [
  /**
   * Consumers declare their queues themselves. One without a consumer must not fill the disk of the broker, which would then take no message
   * from any service. A full queue refuses changes: datasource-sync publishes them again later, so that none is lost.
   */
  { name: 'changes', pattern: '^changes[.]', definition: { 'max-length-bytes': 2 * GIB, overflow: 'reject-publish' } },
  /**
   * Where readers and agents publish. A few large messages must not fill the memory of the broker either. What a full queue does is an
   * argument of it: heartbeats and reports of before are dropped, events are refused, and agents publish those again.
   */
  {
    name: 'readers-and-agents',
    pattern: '^(reader-heartbeat[.]partition[.][0-9]+|dataplane-control[.]status|dataplane-control[.]events)$',
    definition: { 'max-length-bytes': 64 * MIB },
  },
  /** Readers declare these themselves. Those of readers that are gone for good, which may have been named at random, must not stay. */
  {
    name: 'reader-control',
    pattern: '^reader[.].+[.]control$',
    definition: { 'max-length': 100, 'max-length-bytes': MIB, overflow: 'reject-publish', expires: WEEK_MS },
  },
];
