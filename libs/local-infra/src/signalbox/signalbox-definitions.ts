import { commonTopology } from '@signalbox/contracts/messages';
import { rabbitMqDefinitions, type DefinedTopology, type RabbitMqDefinitions } from '../rabbitmq/definitions.js';
import type { Credentials } from './credentials.js';
import { SIGNALBOX_VHOST } from './names.js';
import { signalboxPolicies } from './signalbox-policies.js';
import { signalboxUsers } from './signalbox-users.js';

/**
 * What a broker for Signalbox is started with: its vhost, users, rights and policies, and a topology: what no service may declare, or
 * more.
 */
export const signalboxDefinitions = (
  credentials: Pick<Credentials, 'amqpUsers'>,
  topology: DefinedTopology = commonTopology(),
): RabbitMqDefinitions =>
  rabbitMqDefinitions({
    vhost: SIGNALBOX_VHOST,
    users: signalboxUsers(credentials),
    policies: signalboxPolicies,
    topology,
  });
