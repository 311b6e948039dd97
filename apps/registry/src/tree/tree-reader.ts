import { type ProjectTree } from '@signalbox/contracts/messages';
import { IsNull, type EntityManager } from 'typeorm';
import { connectionEntryOf, packageEntryOf, projectEntryOf } from './persistence/entries.js';
import { ConnectionRow, PackageRow, ProjectRow, type Plain } from './persistence/rows.js';

const USED = `
  SELECT
    (SELECT count(*) FROM project) AS projects,
    (SELECT count(*) FROM connection) AS connections,
    (SELECT count(*) FROM package) AS packages,
    (SELECT coalesce(sum(octet_length(readme)), 0) FROM project) + (SELECT coalesce(sum(octet_length(readme)), 0) FROM package) AS readme_bytes`;

export type TreeQuota = 'projects' | 'connections' | 'packages' | 'readme_bytes';
const CONNECTIONS_AT_ONCE = 200;

/** Reads the resource tree: projects, their connections and their packages. */
export class TreeReader {
  constructor(protected readonly manager: EntityManager) {}

  project(name: string): Promise<Plain<ProjectRow> | null> {
    return this.manager.findOneBy(ProjectRow, { name });
  }

  connection(project: string, name: string): Promise<Plain<ConnectionRow> | null> {
    return this.manager.findOneBy(ConnectionRow, { project, name });
  }

  connectionsOf(project: string): Promise<Plain<ConnectionRow>[]> {
    return this.manager.find(ConnectionRow, { where: { project }, order: { name: 'ASC' } });
  }

  /** Of all projects, in batches: there may be more than fit into memory. */
  async *allConnections(): AsyncGenerator<Plain<ConnectionRow>> {
    let last: Pick<ConnectionRow, 'project' | 'name'> | undefined;
    for (;;) {
      const query = this.manager
        .createQueryBuilder(ConnectionRow, 'each')
        .orderBy('each.project')
        .addOrderBy('each.name');
      if (last !== undefined) query.where('(each.project, each.name) > (:project, :name)', last);
      const batch = await query.limit(CONNECTIONS_AT_ONCE).getMany();
      yield* batch;
      last = batch.at(-1);
      if (batch.length < CONNECTIONS_AT_ONCE) return;
    }
  }

  connectionsOfUnknownOrigin(): Promise<Plain<ConnectionRow>[]> {
    return this.manager.findBy(ConnectionRow, { isConfigured: IsNull() });
  }

  package(project: string, name: string): Promise<Plain<PackageRow> | null> {
    return this.manager.findOneBy(PackageRow, { project, name });
  }

  packagesOf(project: string): Promise<Plain<PackageRow>[]> {
    return this.manager.find(PackageRow, { where: { project }, order: { name: 'ASC' } });
  }

  /** How much there is of what has a quota. */
  async used(): Promise<Readonly<Record<TreeQuota, number>>> {
    const [row] = await this.manager.query<Record<TreeQuota, string>[]>(USED);
    const numbers = Object.entries(row!).map(([name, count]) => [name, Number(count)]);
    return Object.fromEntries(numbers) as Record<TreeQuota, number>;
  }

  /** A project with its connections and listed packages, as entries of the stream. */
  async contentOf(project: ProjectRow): Promise<ProjectTree> {
    const packages = (await this.packagesOf(project.name)).map(packageEntryOf).filter((entry) => entry !== null);
    return {
      project: projectEntryOf(project),
      connections: (await this.connectionsOf(project.name)).map(connectionEntryOf),
      packages,
    };
  }
}
