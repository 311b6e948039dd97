import {
  registryStream,
  type ConnectionEntry,
  type LoadErrorEntry,
  type PackageEntry,
  type ProjectEntry,
  type RegistryService,
} from '@signalbox/contracts/streams';
import type { Query } from '@signalbox/persistence';

type Entry = readonly [key: string, value: NonNullable<unknown>];

/** The whole content of the registry's stream. */
export async function loadTree(query: Query): Promise<Entry[]> {
  const service = await query<RegistryService>('SELECT state, frozen, public_key, frozen_because FROM service');
  const projects = await query<ProjectEntry>('SELECT name, location, readme, version::float8 FROM project');
  const connections = await query<ConnectionEntry>(
    'SELECT project, name, type, config, coalesce(is_configured, false) AS is_configured, version::float8 FROM connection',
  );
  const packages = await query<PackageEntry>(`
    SELECT project, name, location, coalesce(own_description, description) AS description, readme, version::float8
    FROM package WHERE is_loaded`);
  const errors = await query<LoadErrorEntry & { key: string }>(`
    SELECT key, project, package, connection, message, (extract(epoch FROM at) * 1000)::float8 AS at FROM load_error`);
  return [
    ...service.map((entry) => [registryStream.entries.service.key(), withoutNulls(entry)] as const),
    ...projects.map((entry) => [registryStream.entries.project.key(entry.name), entry] as const),
    ...connections.map((entry) => [registryStream.entries.connection.key(entry.project, entry.name), entry] as const),
    ...packages.map(
      (entry) => [registryStream.entries.package.key(entry.project, entry.name), withoutNulls(entry)] as const,
    ),
    ...errors.map(({ key, ...entry }) => [key, withoutNulls({ ...entry, at: Math.round(entry.at) })] as const),
  ];
}

/** What is not known is absent. */
function withoutNulls<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) as Value;
}
