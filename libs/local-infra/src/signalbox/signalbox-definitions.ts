import {
  rabbitMqDefinitions,
  type DefinedTopology,
  type RabbitMqDefinitions,
  type RabbitMqUser,
} from '../rabbitmq/definitions.js';
import type { Credentials } from './credentials.js';
import { AMQP_USERS, SIGNALBOX_VHOST, type AmqpUserName } from './names.js';
import { signalboxPolicies } from './signalbox-policies.js';

/** What each user may do, and what is there before the first service connects: `brokerSetup` of the contracts. */
export interface BrokerSetup {
  readonly permissions: Readonly<Record<AmqpUserName, Omit<RabbitMqUser, 'name' | 'password'>>>;
  readonly topology: DefinedTopology;
}

/** What a broker for Signalbox is started with: its vhost, users, rights and policies, and what no service may declare. */
export const signalboxDefinitions = (
  { amqpUsers }: Pick<Credentials, 'amqpUsers'>,
  { permissions, topology }: BrokerSetup,
): RabbitMqDefinitions =>
  rabbitMqDefinitions({
    vhost: SIGNALBOX_VHOST,
    users: AMQP_USERS.map((name) => ({ ...permissions[name], name, password: amqpUsers[name] })),
    policies: signalboxPolicies,
    topology,
  });
