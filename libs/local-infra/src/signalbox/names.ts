/** The services that get an AMQP user, a database role and a schema of their own. */
export const SERVICES = ['gateway', 'registry', 'reader-heartbeat', 'dataplane-control', 'datasource-sync'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Who else connects to the broker: every model reader with one user, every dataplane agent with another. */
export const AMQP_USERS = [...SERVICES, 'readers', 'dataplanes'] as const;
export type AmqpUserName = (typeof AMQP_USERS)[number];

export const SIGNALBOX_VHOST = 'signalbox';
export const SIGNALBOX_DATABASE = 'signalbox';
