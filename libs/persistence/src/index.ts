export type { DatabaseStatus } from './postgres/database-probe.js';
export { DeadlinePassed } from './postgres/deadline-passed.error.js';
export { isUnavailable } from './postgres/database.errors.js';
export { Database, type HandledMessage, type OnceOptions, type StreamOutcome } from './database.js';
export { createInboxTable, dropInboxTable, type InboxKey, type Outcome } from './inbox.js';
export { migrate, type MigrateOptions } from './migrate.js';
export { openDatabase, type DatabaseOptions } from './open-database.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox/outbox-relay.js';
export { outboxBacklogs, type OutboxBacklog } from './outbox/outbox.js';
export { listenForNotifications, type NotificationOptions } from './postgres/notifications.js';
export { grantTo, type Grant } from './postgres/grant.js';
export {
  exceptionalTables,
  grantRights,
  ROW_RIGHTS,
  type GrantOptions,
  type SchemaRights,
} from './postgres/schema-rights.js';
export { NotYet } from './postgres/not-yet.error.js';
export { OutcomeUnknown } from './postgres/outcome-unknown.error.js';
export type { Query } from './postgres/query.js';
export type { StreamChange } from './streams/stream-change.js';
export { refuseEpochAhead, takeEpoch } from './streams/stream-epoch.js';
export { StreamRelay, type StreamRelayOptions } from './streams/stream-relay.js';
export { StreamTransaction } from './streams/stream-transaction.js';
export { createChannel, createStreamTables, dropChannel, dropStreamTables } from './streams/stream-tables.js';
