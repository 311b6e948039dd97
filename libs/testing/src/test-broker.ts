import { randomBytes } from 'node:crypto';
import { amqpUrl } from '@signalbox/local-infra';
import { requireTestInfra } from './config.js';
import { eventually } from './eventually.js';
import { callManagement } from './rabbitmq-admin.js';

/** A vhost of its own and a user that has all permissions in it. */
export interface TestBroker {
  url: string;
  vhost: string;
  /** Names of the queues in the vhost. */
  queues(): Promise<string[]>;
  /** Messages in the queue now, also those delivered but not acknowledged; `undefined` when there is no such queue. */
  messageCount(queue: string): Promise<number | undefined>;
  deleteQueue(queue: string): Promise<void>;
  /** The broker closes every connection of the vhost. Waits until it knows of one; returns how many it closed. */
  closeAllConnections(): Promise<number>;
  remove(): Promise<void>;
}

/** Makes a fresh vhost on the broker of this test run. */
export async function testBroker(): Promise<TestBroker> {
  const { amqpPort } = requireTestInfra().rabbitmq;
  const vhost = `test-${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await callManagement('PUT', `/vhosts/${vhost}`, {});
  await callManagement('PUT', `/users/${vhost}`, { password, tags: '' });
  await callManagement('PUT', `/permissions/${vhost}/${vhost}`, { configure: '.*', write: '.*', read: '.*' });

  const queuePath = (queue: string): string => `/queues/${vhost}/${encodeURIComponent(queue)}`;
  return {
    url: amqpUrl({ port: amqpPort, user: vhost, password, vhost }),
    vhost,
    queues: async () =>
      ((await callManagement<{ name: string }[]>('GET', `/queues/${vhost}`)) ?? []).map(({ name }) => name),
    messageCount: (queue) => messageCount(vhost, queue),
    deleteQueue: async (queue) => void (await callManagement('DELETE', queuePath(queue))),
    closeAllConnections: () => closeConnections(vhost),
    remove: async () => {
      await callManagement('DELETE', `/vhosts/${vhost}`);
      await callManagement('DELETE', `/users/${vhost}`);
    },
  };
}

/** Asks the queues themselves: the usual figures of the management API are seconds old. */
async function messageCount(vhost: string, queue: string): Promise<number | undefined> {
  const query = 'disable_stats=true&enable_queue_totals=true';
  const queues = await callManagement<{ name: string; messages?: number }[]>('GET', `/queues/${vhost}?${query}`);
  const found = queues?.find(({ name }) => name === queue);
  return found && (found.messages ?? 0);
}

/** By user, which the broker tracks itself: its list by vhost is seconds old. Each vhost here has a user of its own. */
async function closeConnections(user: string): Promise<number> {
  const open = await eventually(async () => {
    const connections = await callManagement<unknown[]>('GET', `/connections/username/${user}`);
    if (!connections || connections.length === 0) throw new Error(`no connection of ${user} is open`);
    return connections;
  });
  await callManagement('DELETE', `/connections/username/${user}`);
  return open.length;
}
