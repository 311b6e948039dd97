import { Injectable } from '@nestjs/common';
import { type ProjectTree } from '@signalbox/contracts/messages';
import {
  registryStream,
  type ConnectionEntry,
  type LoadErrorEntry,
  type PackageEntry,
  type ProjectEntry,
  type RegistryService,
} from '@signalbox/contracts/streams';
import { FollowedStreams, type CollectionIndex, type FollowedStream } from '@signalbox/state-streams';

/** The resource tree of the registry, what could not be loaded, and the registry's own state. */
@Injectable()
export class RegistryView {
  private readonly registry: FollowedStream<typeof registryStream>;
  private readonly connectionsByProject: CollectionIndex<ConnectionEntry>;
  private readonly packagesByProject: CollectionIndex<PackageEntry>;

  constructor(streams: FollowedStreams) {
    this.registry = streams.follow(registryStream, { requiredForReadiness: false });
    const { connection, package: pkg } = this.registry.collections;
    this.connectionsByProject = connection.indexBy(({ project }) => project);
    this.packagesByProject = pkg.indexBy(({ project }) => project);
  }

  /** Undefined until the first snapshot. */
  get service(): RegistryService | undefined {
    return this.registry.collections.service.get();
  }

  /** Grows with each change of anything here. */
  get revision(): number {
    return this.registry.revision;
  }

  /** How much there is of what has a quota, except packages that could not be loaded; undefined until the first snapshot. */
  used(): Readonly<Record<'projects' | 'connections' | 'packages' | 'readme_bytes', number>> | undefined {
    if (this.service === undefined) return undefined;
    const { project, connection, package: pkg } = this.registry.collections;
    const readmes = [...project.values(), ...pkg.values()].map(({ readme }) => Buffer.byteLength(readme ?? ''));
    return {
      projects: project.size,
      connections: connection.size,
      packages: pkg.size,
      readme_bytes: readmes.reduce((sum, bytes) => sum + bytes, 0),
    };
  }

  /** Ordered by name, and so are their connections and packages. */
  trees(): ProjectTree[] {
    return byName(this.registry.collections.project.values()).map((project) => this.treeOf(project));
  }

  tree(name: string): ProjectTree | undefined {
    const project = this.registry.collections.project.get(name);
    return project && this.treeOf(project);
  }

  connection(project: string, name: string): ConnectionEntry | undefined {
    return this.registry.collections.connection.get(project, name);
  }

  /** Of all projects, ordered by project. */
  connectionsNamed(name: string): ConnectionEntry[] {
    const entries = [...this.registry.collections.connection.values()];
    return sorted(
      entries.filter((entry) => entry.name === name),
      ({ project }) => project,
    );
  }

  package(project: string, name: string): PackageEntry | undefined {
    return this.registry.collections.package.get(project, name);
  }

  /** Ordered by what they are about. */
  loadErrors(): LoadErrorEntry[] {
    return sorted(this.registry.collections.loadError.entries(), ([key]) => key).map(([, entry]) => entry);
  }

  private treeOf(project: ProjectEntry): ProjectTree {
    return {
      project,
      connections: byName(this.connectionsByProject.get(project.name)),
      packages: byName(this.packagesByProject.get(project.name)),
    };
  }
}

const byName = <Item extends { readonly name: string }>(items: Iterable<Item>): Item[] =>
  sorted(items, ({ name }) => name);

/** By code units: the same everywhere, whatever the locale. */
function sorted<Item>(items: Iterable<Item>, by: (item: Item) => string): Item[] {
  return [...items].toSorted((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0));
}
