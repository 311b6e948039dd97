import type { QueuePolicy } from '../rabbitmq/definitions.js';

const GIB = 1024 ** 3;

/**
 * Consumers declare their queues themselves. One without a consumer must not fill the disk of the broker, which would then take no message
 * from any service. A full queue refuses changes: datasource-sync publishes them again later, so that none is lost.
 */
export const signalboxPolicies: readonly QueuePolicy[] = [
  { name: 'changes', pattern: '^changes[.]', definition: { 'max-length-bytes': 2 * GIB, overflow: 'reject-publish' } },
];
