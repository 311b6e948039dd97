export { startReader, startReaderHost, type ReaderHost } from './reader-host.js';
export type { Reader, ReaderStatus } from './reader.js';
export type {
  BrokerOptions,
  ReaderChange,
  ReaderHostOptions,
  ReaderIdentity,
  ReaderOptions,
  ReaderSettings,
  StopCommand,
} from './reader-options.js';
export type { LogLine } from './log-line.js';
export { startModelServerReader, type ModelServerReader } from './model-server/model-server-reader.js';
export type { ModelServerOptions, StopSignal } from './model-server/model-server-options.js';
