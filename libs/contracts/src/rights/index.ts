export * from './broker-users.js';
export * from './broker-rights.js';
export * from './dead-letter-origin.js';
export * from './key-pattern.js';
export * from './keys-of.js';
export * from './rights-rows.js';
export * from './senders.js';
