import { dataplaneStream } from './dataplane-stream.js';
import { datasourcesStream } from './datasources-stream.js';
import { gatewayStream } from './gateway-stream.js';
import { readersStream } from './readers-stream.js';
import { registryStream } from './registry-stream.js';

/** The name of each stream. */
export const streams = {
  gateway: gatewayStream.name,
  registry: registryStream.name,
  dataplane: dataplaneStream.name,
  datasources: datasourcesStream.name,
  readers: (partition: number): string => readersStream(partition).name,
} as const;
