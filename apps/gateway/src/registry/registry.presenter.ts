import {
  CONNECTION_ATTRIBUTES,
  type ConnectionType,
  type RegistryConnection,
  type RegistryPackage,
  type RegistryProject,
  type RegistryStatus,
} from '@signalbox/contracts/http';
import { type ProjectTree } from '@signalbox/contracts/messages';
import { isMembers, type ConnectionEntry, type LoadErrorEntry, type PackageEntry } from '@signalbox/contracts/streams';

/** State → the documented bodies of `/api/v0` (contracts/registry.md; document: registry-status). */

const resourceOf = (...path: string[]): string => `/api/v0/${path.join('/')}`;

export function presentConnection({
  project,
  name,
  type,
  config,
  is_configured: isConfigured,
}: ConnectionEntry): RegistryConnection {
  return {
    // Clients take a connection that has it for one that cannot be deleted (contracts/registry.md).
    ...(isConfigured && { resource: resourceOf('projects', project, 'connections', name) }),
    name,
    type,
    attributes: CONNECTION_ATTRIBUTES[type],
    ...withAttachedAttributes(config),
  };
}

export function presentPackage({ project, name, description, location, readme }: PackageEntry): RegistryPackage {
  return {
    resource: resourceOf('projects', project, 'packages', name),
    name,
    ...(description !== undefined && { description }),
    ...(location !== undefined && { location }),
    ...(readme !== undefined && { readme }),
  };
}

export function presentProject({
  project: { name, readme, location },
  connections,
  packages,
}: ProjectTree): RegistryProject {
  return {
    resource: resourceOf('projects', name),
    name,
    readme,
    location,
    connections: connections.map(presentConnection),
    packages: packages.map(presentPackage),
  };
}

export interface RegistryState {
  readonly trees: readonly ProjectTree[];
  readonly loadErrors: readonly LoadErrorEntry[];
  /** Undefined until the first snapshot of the registry. */
  readonly service: { readonly state: RegistryStatus['operationalState']; readonly frozen: boolean } | undefined;
  /** The registry is unavailable: this is its last known state. */
  readonly isStale: boolean;
  /** This gateway process itself is stopping. */
  readonly isStopping: boolean;
  /** Unix ms. */
  readonly now: number;
}

/** `GET /api/v0/status`. The timestamp comes first and has 13 digits: see `RegistryStatusBody`. */
export function presentRegistryStatus({
  trees,
  loadErrors,
  service,
  isStale,
  isStopping,
  now,
}: RegistryState): RegistryStatus {
  const state = stateOf(service?.state ?? 'initializing', isStale);
  return {
    timestamp: now,
    projects: trees.map(presentProject),
    initialized: service !== undefined && state !== 'initializing' && !isStale,
    operationalState: isStopping ? 'draining' : state,
    // Frozen until the registry reports otherwise.
    frozenConfig: service?.frozen ?? true,
    ...(loadErrors.length > 0 && { loadErrors: [...loadErrors] }),
    ...(isStale && { stale: true }),
  };
}

/** Of an unavailable registry only the state `draining` is shown as it was. */
const stateOf = (state: RegistryStatus['operationalState'], isStale: boolean): RegistryStatus['operationalState'] =>
  isStale && state !== 'draining' ? 'initializing' : state;

/** Databases that are attached to a DuckDB have attributes, too. Buckets have none. */
function withAttachedAttributes(config: ConnectionEntry['config']): Partial<RegistryConnection> {
  const duckdb = config['duckdbConnection'];
  if (!isMembers(duckdb) || !Array.isArray(duckdb['attachedDatabases'])) return config as Partial<RegistryConnection>;
  const attachedDatabases = duckdb['attachedDatabases'].map((database) => {
    if (!isMembers(database)) return database;
    const attributes = CONNECTION_ATTRIBUTES[database['type'] as ConnectionType] as ConnectionAttributesOrNone;
    return { ...database, ...(attributes && { attributes }) };
  });
  return { ...config, duckdbConnection: { ...duckdb, attachedDatabases } } as Partial<RegistryConnection>;
}

type ConnectionAttributesOrNone = (typeof CONNECTION_ATTRIBUTES)[ConnectionType] | undefined;
