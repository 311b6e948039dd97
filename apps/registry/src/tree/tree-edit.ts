import { type ProjectTree } from '@signalbox/contracts/messages';
import {
  connectionKey,
  packageKey,
  projectKey,
  type JsonValue,
  type LoadErrorEntry,
} from '@signalbox/contracts/streams';
import type { StreamChange } from '@signalbox/persistence';
import type { EntityManager } from 'typeorm';
import { ServiceRow } from '../lifecycle/service.entity.js';
import { connectionEntryOf, loadErrorEntryOf, packageEntryOf, projectEntryOf } from './persistence/entries.js';
import { ConnectionRow, LoadErrorRow, PackageRow, ProjectRow, type Plain } from './persistence/rows.js';

type Unversioned<Row> = Omit<Row, 'version'>;

/** The resource tree in one transaction: what is changed through it is remembered, to be told to the gateways. */
export class TreeEdit {
  private readonly told = new Map<string, JsonValue | null>();

  constructor(private readonly manager: EntityManager) {}

  /** One after the other: whoever changes a project waits here for whoever is changing it. */
  async lock(project: string): Promise<void> {
    await this.manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`registry project ${project}`]);
  }

  project(name: string): Promise<Plain<ProjectRow> | null> {
    return this.manager.findOneBy(ProjectRow, { name });
  }

  connection(project: string, name: string): Promise<Plain<ConnectionRow> | null> {
    return this.manager.findOneBy(ConnectionRow, { project, name });
  }

  connectionsOf(project: string): Promise<Plain<ConnectionRow>[]> {
    return this.manager.find(ConnectionRow, { where: { project }, order: { name: 'ASC' } });
  }

  package(project: string, name: string): Promise<Plain<PackageRow> | null> {
    return this.manager.findOneBy(PackageRow, { project, name });
  }

  packagesOf(project: string): Promise<Plain<PackageRow>[]> {
    return this.manager.find(PackageRow, { where: { project }, order: { name: 'ASC' } });
  }

  /** All of a project as the stream tells it. */
  async tree(project: ProjectRow): Promise<ProjectTree> {
    const packages = (await this.packagesOf(project.name)).map(packageEntryOf).filter((entry) => entry !== null);
    return {
      project: projectEntryOf(project),
      connections: (await this.connectionsOf(project.name)).map(connectionEntryOf),
      packages,
    };
  }

  async putProject(row: Unversioned<ProjectRow>): Promise<Plain<ProjectRow>> {
    const saved = { ...row, version: await this.nextVersion() };
    await this.manager.upsert(ProjectRow, saved, ['name']);
    this.told.set(projectKey(row.name), projectEntryOf(saved));
    return saved;
  }

  async putConnection(row: Unversioned<ConnectionRow>): Promise<Plain<ConnectionRow>> {
    const saved = { ...row, version: await this.nextVersion() };
    await this.manager.upsert(ConnectionRow, saved, ['project', 'name']);
    this.told.set(connectionKey(row.project, row.name), connectionEntryOf(saved));
    await this.forgive({ project: row.project, connection: row.name });
    return saved;
  }

  async putPackage(row: Unversioned<PackageRow>): Promise<Plain<PackageRow>> {
    const saved = { ...row, version: await this.nextVersion() };
    await this.manager.upsert(PackageRow, saved, ['project', 'name']);
    this.told.set(packageKey(row.project, row.name), packageEntryOf(saved));
    if (row.isLoaded) await this.forgive({ project: row.project, package: row.name });
    return saved;
  }

  async removeConnection({ project, name }: Pick<ConnectionRow, 'project' | 'name'>): Promise<void> {
    await this.manager.delete(ConnectionRow, { project, name });
    this.told.set(connectionKey(project, name), null);
    await this.forgive({ project, connection: name });
  }

  async removePackage({ project, name }: Pick<PackageRow, 'project' | 'name'>): Promise<void> {
    await this.manager.delete(PackageRow, { project, name });
    this.told.set(packageKey(project, name), null);
    await this.forgive({ project, package: name });
  }

  /** With all that stands in it, and whatever could not be loaded of it. */
  async removeProject(name: string): Promise<void> {
    for (const each of await this.connectionsOf(name)) this.told.set(connectionKey(name, each.name), null);
    for (const each of await this.packagesOf(name)) this.told.set(packageKey(name, each.name), null);
    for (const { key } of await this.manager.findBy(LoadErrorRow, { project: name })) this.told.set(key, null);
    await this.manager.delete(LoadErrorRow, { project: name });
    await this.manager.delete(ProjectRow, { name });
    this.told.set(projectKey(name), null);
  }

  /** What could not be loaded, until it can or is gone. */
  async report(error: Omit<LoadErrorEntry, 'at'>, at: number): Promise<void> {
    const { project = null, package: pkg = null, connection = null, message } = storable(error);
    const row = { key: loadErrorKey(storable(error)), project, package: pkg, connection, message, at: new Date(at) };
    await this.manager.upsert(LoadErrorRow, row, ['key']);
    this.told.set(row.key, loadErrorEntryOf(row));
  }

  async forgive(subject: Omit<LoadErrorEntry, 'at' | 'message'>): Promise<void> {
    const key = loadErrorKey(subject);
    const { affected } = await this.manager.delete(LoadErrorRow, { key });
    if (affected) this.told.set(key, null);
  }

  /** Everything, for a registry that begins anew: until it has loaded its file once more, whoever starts loads that. */
  async clear(): Promise<void> {
    await this.manager.update(ServiceRow, { id: 1 }, { hasLoaded: false });
    for (const { name } of await this.manager.find(ProjectRow)) await this.removeProject(name);
    for (const { key } of await this.manager.find(LoadErrorRow)) this.told.set(key, null);
    await this.manager.deleteAll(LoadErrorRow);
  }

  changes(): StreamChange[] {
    return [...this.told].map(([key, value]) => ({ key, value }));
  }

  private async nextVersion(): Promise<number> {
    const [row] = await this.manager.query<{ version: string }[]>("SELECT nextval('version') AS version");
    return Number(row?.version);
  }
}

/** Postgres has no text with NUL, which a file may have anywhere. */
const storable = <Texts extends object>(texts: Texts): Texts =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, (text as string).replaceAll('\0', '\uFFFD')]),
  ) as Texts;

/** One error a subject: what fails again replaces what failed before. */
export function loadErrorKey({ project, package: pkg, connection }: Omit<LoadErrorEntry, 'at' | 'message'>): string {
  if (project === undefined) return 'load-error';
  if (pkg !== undefined) return `load-error/${project}/package/${pkg}`;
  if (connection !== undefined) return `load-error/${project}/connection/${connection}`;
  return `load-error/${project}`;
}
