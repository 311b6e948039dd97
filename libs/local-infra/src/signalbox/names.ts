/** The services that each have an AMQP user, a database role and a schema. */
export const SERVICES = [
  'gateway',
  'registry',
  'reader-heartbeat',
  'dataplane-control',
  'datasource-sync',
  'journal',
] as const;
export type ServiceName = (typeof SERVICES)[number];

/** All broker users: `brokerUsers` of the contracts, with which this package is not connected. */
export const AMQP_USERS = [...SERVICES, 'readers', 'dataplanes', 'consumers', 'operator'] as const;
export type AmqpUserName = (typeof AMQP_USERS)[number];

export const SIGNALBOX_VHOST = 'signalbox';
export const SIGNALBOX_DATABASE = 'signalbox';

/** The database role of a service; its schema has the same name. */
export const roleOf = (service: ServiceName): string => service.replaceAll('-', '_');

/** The database role that owns all schemas and what is in them. It does not log in: migrations run as it. */
export const OWNER_ROLE = 'signalbox_owner';
