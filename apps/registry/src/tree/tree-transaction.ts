import { registryStream, type LoadErrorEntry } from '@signalbox/contracts/streams';
import type { StreamTransaction } from '@signalbox/persistence';
import { connectionEntryOf, loadErrorEntryOf, packageEntryOf, projectEntryOf } from './persistence/entries.js';
import { ConnectionRow, LoadErrorRow, PackageRow, ProjectRow, type Plain } from './persistence/rows.js';
import { ServiceRow } from './persistence/service.row.js';
import { TreeReader, type TreeQuota } from './tree-reader.js';

type Unversioned<Row> = Omit<Row, 'version'>;

/** Changes the resource tree: what it writes to a table it also puts into the stream, in the same transaction. */
export class TreeTransaction extends TreeReader {
  /** By how much more there is of what has a quota; negative where it is less. */
  readonly growth = new Map<TreeQuota, number>();

  constructor(private readonly stream: StreamTransaction) {
    super(stream.manager);
  }

  /** Waits for other transactions that change this project, and keeps them waiting until this one ends. */
  lock(project: string): Promise<void> {
    return this.stream.lock(`registry project ${project}`);
  }

  /** Waits for other transactions that check quotas, and keeps them waiting until this one ends. */
  lockQuotas(): Promise<void> {
    return this.stream.lock('registry quotas');
  }

  /** @param known the row before, null for none, where the caller has read it under the lock of the project */
  async putProject(row: Unversioned<ProjectRow>, known?: Plain<ProjectRow> | null): Promise<Plain<ProjectRow>> {
    const saved = { ...row, version: await this.nextVersion() };
    const before = known === undefined ? await this.project(row.name) : known;
    if (before === null) this.grew('projects', 1);
    this.grew('readme_bytes', bytesOf(row.readme) - bytesOf(before?.readme));
    await this.manager.upsert(ProjectRow, saved, ['name']);
    this.stream.put(registryStream.entries.project.key(row.name), projectEntryOf(saved));
    return saved;
  }

  async putConnection(row: Unversioned<ConnectionRow>): Promise<Plain<ConnectionRow>> {
    const saved = { ...row, version: await this.nextVersion() };
    if (!(await this.manager.existsBy(ConnectionRow, { project: row.project, name: row.name })))
      this.grew('connections', 1);
    await this.manager.upsert(ConnectionRow, saved, ['project', 'name']);
    this.stream.put(registryStream.entries.connection.key(row.project, row.name), connectionEntryOf(saved));
    await this.clearError({ project: row.project, connection: row.name });
    return saved;
  }

  /** @param known as for `putProject` */
  async putPackage(row: Unversioned<PackageRow>, known?: Plain<PackageRow> | null): Promise<Plain<PackageRow>> {
    const saved = { ...row, version: await this.nextVersion() };
    const before = known === undefined ? await this.package(row.project, row.name) : known;
    if (before === null) this.grew('packages', 1);
    this.grew('readme_bytes', bytesOf(row.readme) - bytesOf(before?.readme));
    await this.manager.upsert(PackageRow, saved, ['project', 'name']);
    const entry = packageEntryOf(saved);
    if (entry) this.stream.put(registryStream.entries.package.key(row.project, row.name), entry);
    else this.stream.remove(registryStream.entries.package.key(row.project, row.name));
    if (row.isLoaded) await this.clearError({ project: row.project, package: row.name });
    return saved;
  }

  async removeConnection({ project, name }: Pick<ConnectionRow, 'project' | 'name'>): Promise<void> {
    const { affected } = await this.manager.delete(ConnectionRow, { project, name });
    this.grew('connections', -(affected ?? 0));
    this.stream.remove(registryStream.entries.connection.key(project, name));
    await this.clearError({ project, connection: name });
  }

  async removePackage({ project, name }: Pick<PackageRow, 'project' | 'name'>): Promise<void> {
    await this.manager.delete(PackageRow, { project, name });
    this.stream.remove(registryStream.entries.package.key(project, name));
    await this.clearError({ project, package: name });
  }

  /** Removes a project with its connections, packages and load errors. */
  async removeProject(name: string): Promise<void> {
    for (const each of await this.connectionsOf(name))
      this.stream.remove(registryStream.entries.connection.key(name, each.name));
    for (const each of await this.packagesOf(name))
      this.stream.remove(registryStream.entries.package.key(name, each.name));
    for (const { key } of await this.manager.findBy(LoadErrorRow, { project: name })) this.stream.remove(key);
    await this.manager.delete(LoadErrorRow, { project: name });
    await this.manager.delete(ProjectRow, { name });
    this.stream.remove(registryStream.entries.project.key(name));
  }

  /** Stores a load error, until its subject is loaded or removed. */
  async reportError(error: Omit<LoadErrorEntry, 'at'>, at: number): Promise<void> {
    const { project = null, package: pkg = null, connection = null, message } = storable(error);
    const row = {
      key: registryStream.entries.loadError.key(storable(error)),
      project,
      package: pkg,
      connection,
      message,
      at: new Date(at),
    };
    await this.manager.upsert(LoadErrorRow, row, ['key']);
    this.stream.put(row.key, loadErrorEntryOf(row));
  }

  async clearError(subject: Omit<LoadErrorEntry, 'at' | 'message'>): Promise<void> {
    const key = registryStream.entries.loadError.key(subject);
    const { affected } = await this.manager.delete(LoadErrorRow, { key });
    if (affected) this.stream.remove(key);
  }

  /** Deletes the whole tree. The configuration file is loaded at the next start, unless it is loaded before. */
  async clear(): Promise<void> {
    await this.manager.update(ServiceRow, { id: 1 }, { hasLoaded: false });
    for (const { name } of await this.manager.find(ProjectRow)) await this.removeProject(name);
    for (const { key } of await this.manager.find(LoadErrorRow)) this.stream.remove(key);
    await this.manager.deleteAll(LoadErrorRow);
  }

  private grew(quota: TreeQuota, by: number): void {
    this.growth.set(quota, (this.growth.get(quota) ?? 0) + by);
  }

  private async nextVersion(): Promise<number> {
    const [row] = await this.manager.query<{ version: string }[]>("SELECT nextval('version') AS version");
    return Number(row?.version);
  }
}

const bytesOf = (text: string | null | undefined): number => Buffer.byteLength(text ?? '');

/** Postgres has no text with NUL, which a file may have anywhere. */
const storable = <Texts extends object>(texts: Texts): Texts =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, (text as string).replaceAll('\0', '\uFFFD')]),
  ) as Texts;
