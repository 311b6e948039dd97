// @ts-check
import { setTimeout as wait } from 'node:timers/promises';

/** The others go on without it for so long. */
const DOWN_MS = 5_000;

/** @type {{ name: string, about: string, inject: (world: { broker: import('./cluster-broker.mjs').ClusterBroker }) => Promise<void> }[]} */
export const nodeFaults = [0, 1, 2].map((index) => ({
  name: `node ${index} killed`,
  about: 'kill -9 of one of three nodes of RabbitMQ, which is started again after 5 s',
  inject: async ({ broker: { cluster } }) => {
    await cluster.kill(index);
    await wait(DOWN_MS);
    await cluster.start(index);
  },
}));
