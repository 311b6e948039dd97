export { StreamAnnouncer, type AnyStreamOwner, type StreamAnnouncerOptions } from './stream-announcer.js';
export { PostgresStream, type PostgresStreamOptions } from './postgres-stream.js';
export { PostgresStreamModule, type PostgresStreamModuleOptions } from './postgres-stream.module.js';
