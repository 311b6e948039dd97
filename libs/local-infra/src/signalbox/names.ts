import { brokerUsers, serviceUsers, type BrokerUser, type ServiceUser } from '@signalbox/contracts/rights';

/** The services that each have an AMQP user, a database role and a schema. */
export const SERVICES = serviceUsers;
export type ServiceName = ServiceUser;

/** All broker users. */
export const AMQP_USERS = brokerUsers;
export type AmqpUserName = BrokerUser;

export const SIGNALBOX_VHOST = 'signalbox';
export const SIGNALBOX_DATABASE = 'signalbox';

/** The database role that owns what services may not change. It does not log in: migrations run as it. */
export const OWNER_ROLE = 'signalbox_owner';
