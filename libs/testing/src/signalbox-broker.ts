import { randomBytes } from 'node:crypto';
import { AMQP_USERS, amqpUrl, signalboxUsers, type AmqpUserName } from '@signalbox/local-infra';
import { requireTestInfra } from './config.js';
import { callManagement } from './rabbitmq-admin.js';

/** A vhost in which each user of Signalbox has the permissions that `npm start` and Docker Compose give it. */
export interface SignalboxBroker {
  urlOf(user: AmqpUserName): string;
  remove(): Promise<void>;
}

/** Makes such a vhost on the broker of this test run. Users belong to the whole broker, so their names there begin with the vhost's. */
export async function signalboxBroker(): Promise<SignalboxBroker> {
  const { amqpPort } = requireTestInfra().rabbitmq;
  const vhost = `test-${randomBytes(6).toString('hex')}`;
  const passwords = Object.fromEntries(AMQP_USERS.map((name) => [name, randomBytes(12).toString('hex')]));
  const amqpUsers = passwords as Record<AmqpUserName, string>;
  const nameOf = (user: string): string => `${vhost}.${user}`;

  await callManagement('PUT', `/vhosts/${vhost}`, {});
  for (const { name, password, configure, write, read } of signalboxUsers({ amqpUsers })) {
    await callManagement('PUT', `/users/${nameOf(name)}`, { password, tags: '' });
    await callManagement('PUT', `/permissions/${vhost}/${nameOf(name)}`, { configure, write, read });
  }
  return {
    urlOf: (user) => amqpUrl({ port: amqpPort, user: nameOf(user), password: amqpUsers[user], vhost }),
    remove: async () => {
      await callManagement('DELETE', `/vhosts/${vhost}`);
      for (const user of AMQP_USERS) await callManagement('DELETE', `/users/${nameOf(user)}`);
    },
  };
}
