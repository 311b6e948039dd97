import { ConnectionRow, LoadErrorRow, PackageRow, ProjectRow } from '../tree/persistence/rows.js';
import { ServiceRow } from '../tree/persistence/service.row.js';
import { StateStream1795219200000 } from './migrations/1795219200000-state-stream.js';
import { AuditOutbox1795784400000 } from './migrations/1795784400000-audit-outbox.js';
import { Registry1795305600000 } from './migrations/1795305600000-registry.js';
import { ConfiguredConnections1795737600000 } from './migrations/1795737600000-configured-connections.js';
import { FrozenBecause1795996800000 } from './migrations/1795996800000-frozen-because.js';

export const entities = [ProjectRow, ConnectionRow, PackageRow, LoadErrorRow, ServiceRow];
export const migrations = [
  StateStream1795219200000,
  Registry1795305600000,
  ConfiguredConnections1795737600000,
  AuditOutbox1795784400000,
  FrozenBecause1795996800000,
];
