import { randomBytes } from 'node:crypto';
import { AMQP_USERS, amqpUrl, signalboxDefinitions, type AmqpUserName, type BrokerSetup } from '@signalbox/local-infra';
import { requireTestInfra } from './config.js';
import { callManagement } from './rabbitmq-admin.js';

/** A vhost in which each user of Signalbox has the permissions that `npm start` and Docker Compose give it. */
export interface SignalboxBroker {
  urlOf(user: AmqpUserName): string;
  remove(): Promise<void>;
}

/** Makes such a vhost on the broker of this test run. Users belong to the whole broker, so their names there begin with the vhost's. @param setup `brokerSetup` of the contracts */
export async function signalboxBroker(setup: BrokerSetup): Promise<SignalboxBroker> {
  const { amqpPort } = requireTestInfra().rabbitmq;
  const vhost = `test-${randomBytes(6).toString('hex')}`;
  const passwords = Object.fromEntries(AMQP_USERS.map((name) => [name, randomBytes(12).toString('hex')]));
  const amqpUsers = passwords as Record<AmqpUserName, string>;
  const nameOf = (user: string): string => `${vhost}.${user}`;

  const definitions = signalboxDefinitions({ amqpUsers }, setup);
  await callManagement('PUT', `/vhosts/${vhost}`, {});
  await Promise.all(
    definitions.users.map(({ name, tags, ...user }) =>
      callManagement('PUT', `/users/${nameOf(name)}`, { ...user, tags: tags.join(',') }),
    ),
  );
  for (const { user, configure, write, read } of definitions.permissions)
    await callManagement('PUT', `/permissions/${vhost}/${nameOf(user)}`, { configure, write, read });
  for (const { user, exchange, write, read } of definitions.topic_permissions)
    await callManagement('PUT', `/topic-permissions/${vhost}/${nameOf(user)}`, { exchange, write, read });
  const { exchanges, queues, bindings } = definitions;
  for (const { name, type } of exchanges)
    await callManagement('PUT', `/exchanges/${vhost}/${name}`, { type, durable: true });
  for (const { name, arguments: args } of queues)
    await callManagement('PUT', `/queues/${vhost}/${name}`, { durable: true, arguments: args });
  for (const { source, destination, destination_type, routing_key } of bindings) {
    const kind = destination_type === 'exchange' ? 'e' : 'q';
    await callManagement('POST', `/bindings/${vhost}/e/${source}/${kind}/${destination}`, { routing_key });
  }
  return {
    urlOf: (user) => amqpUrl({ port: amqpPort, user: nameOf(user), password: amqpUsers[user], vhost }),
    remove: async () => {
      await callManagement('DELETE', `/vhosts/${vhost}`);
      for (const user of AMQP_USERS) await callManagement('DELETE', `/users/${nameOf(user)}`);
    },
  };
}
