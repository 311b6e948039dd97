export { appendToStream, type StreamChange } from './append-to-stream.js';
export type { DatabaseStatus } from './database-probe.js';
export { isPassing } from './database.errors.js';
export { Database } from './database.js';
export { openDatabase, type DatabaseOptions } from './open-database.js';
export { takeEpoch, type Query } from './stream-epoch.js';
export { StreamRelay, type StreamRelayOptions } from './stream-relay.js';
export { createStreamTables, dropStreamTables } from './stream-tables.js';
