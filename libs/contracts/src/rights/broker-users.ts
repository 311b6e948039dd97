/** The services, each with a user of its own at the broker. */
export const serviceUsers = [
  'gateway',
  'registry',
  'reader-heartbeat',
  'dataplane-control',
  'datasource-sync',
  'journal',
] as const;
export type ServiceUser = (typeof serviceUsers)[number];

/** The user of people and their scripts, who may do everything. What it sends is believed, as a dead letter that it replays. */
export const OPERATOR = 'operator';

/**
 * All users: besides the services one for all model readers, one for all dataplane agents, one for all consumers of changes, and the
 * operator's.
 */
export const brokerUsers = [...serviceUsers, 'readers', 'dataplanes', 'consumers', OPERATOR] as const;
export type BrokerUser = (typeof brokerUsers)[number];
