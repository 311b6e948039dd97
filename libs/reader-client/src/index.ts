export { startReader, type Reader, type ReaderStatus } from './reader.js';
export type { ReaderChange, ReaderOptions } from './reader-options.js';
export type { LogLine } from './log-line.js';
