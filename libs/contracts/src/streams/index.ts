export * from '../json.js';
export * from './state-stream.js';
export * from './stream-definition.js';
export * from './readers-stream.js';
export * from './gateway-stream.js';
export * from './registry-stream.js';
export * from './dataplane-stream.js';
export * from './datasources-stream.js';
