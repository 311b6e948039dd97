import { StateStream1795219200000 } from './migrations/1795219200000-state-stream.js';
import { Datasources1795611600000 } from './migrations/1795611600000-datasources.js';
import { DeletedAt1795698000000 } from './migrations/1795698000000-deleted-at.js';

import { AuditOutbox1795784400000 } from './migrations/1795784400000-audit-outbox.js';

export const entities = [];
export const migrations = [
  StateStream1795219200000,
  Datasources1795611600000,
  DeletedAt1795698000000,
  AuditOutbox1795784400000,
];
