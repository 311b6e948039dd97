import { Injectable } from '@nestjs/common';
import { type ProjectTree } from '@signalbox/contracts/messages';
import {
  connectionEntry,
  kindOfKey,
  loadErrorEntry,
  packageEntry,
  projectEntry,
  registryService,
  streams,
  type ConnectionEntry,
  type JsonValue,
  type LoadErrorEntry,
  type PackageEntry,
  type ProjectEntry,
  type RegistryService,
  type StreamChange,
} from '@signalbox/contracts/streams';
import { putOrDelete } from '../replica/put-or-delete.js';
import type { ReplicaView } from '../replica/replica-view.js';

/** A project with what stands in it, by name. */
interface Branch {
  entry: ProjectEntry | undefined;
  readonly connections: Map<string, ConnectionEntry>;
  readonly packages: Map<string, PackageEntry>;
}

/** The registry as the gateway knows it: its resource tree, what could not be loaded, and how it is itself. */
@Injectable()
export class RegistryView implements ReplicaView {
  readonly stream = streams.registry;
  readonly requiredForReadiness = false;
  private readonly branches = new Map<string, Branch>();
  private readonly errors = new Map<string, LoadErrorEntry>();
  private itself: RegistryService | undefined;
  private version = 0;

  /** Undefined until it was ever heard. */
  get service(): RegistryService | undefined {
    return this.itself;
  }

  /** Grows with each change of anything here. */
  get revision(): number {
    return this.version;
  }

  /** Ordered by name, as is all that stands in them. */
  trees(): ProjectTree[] {
    return byName(
      [...this.branches.values()].flatMap((branch) => treeOf(branch) ?? []),
      ({ project }) => project.name,
    );
  }

  tree(project: string): ProjectTree | undefined {
    const branch = this.branches.get(project);
    return branch && treeOf(branch);
  }

  connection(project: string, name: string): ConnectionEntry | undefined {
    return this.branches.get(project)?.connections.get(name);
  }

  package(project: string, name: string): PackageEntry | undefined {
    return this.branches.get(project)?.packages.get(name);
  }

  /** Ordered by what they speak of. */
  loadErrors(): LoadErrorEntry[] {
    return byName([...this.errors], ([key]) => key).map(([, entry]) => entry);
  }

  reset(entries: Iterable<readonly [key: string, value: JsonValue]>): void {
    this.branches.clear();
    this.errors.clear();
    this.itself = undefined;
    for (const [key, value] of entries) this.put(key, value);
    this.version += 1;
  }

  changed(changes: readonly StreamChange[]): void {
    for (const { key, value } of changes) this.put(key, value);
    this.version += 1;
  }

  private put(key: string, value: JsonValue | null): void {
    const [, project = '', name = ''] = key.split('/');
    switch (kindOfKey(key)) {
      case 'service':
        this.itself = registryService.safeParse(value).data ?? this.itself;
        break;
      case 'project':
        this.branch(project).entry = projectEntry.safeParse(value).data;
        break;
      case 'connection':
        putOrDelete(this.branch(project).connections, name, connectionEntry.safeParse(value).data);
        break;
      case 'package':
        putOrDelete(this.branch(project).packages, name, packageEntry.safeParse(value).data);
        break;
      case 'load-error':
        putOrDelete(this.errors, key, loadErrorEntry.safeParse(value).data);
        break;
    }
    const branch = this.branches.get(project);
    if (branch && branch.entry === undefined && branch.connections.size === 0 && branch.packages.size === 0)
      this.branches.delete(project);
  }

  private branch(project: string): Branch {
    const known = this.branches.get(project);
    if (known) return known;
    const made = {
      entry: undefined,
      connections: new Map<string, ConnectionEntry>(),
      packages: new Map<string, PackageEntry>(),
    };
    this.branches.set(project, made);
    return made;
  }
}

function treeOf({ entry, connections, packages }: Branch): ProjectTree | undefined {
  const nameOf = ({ name }: { name: string }): string => name;
  return (
    entry && {
      project: entry,
      connections: byName([...connections.values()], nameOf),
      packages: byName([...packages.values()], nameOf),
    }
  );
}

/** By code units: the same everywhere, whatever the locale. */
function byName<Item>(items: Item[], name: (item: Item) => string): Item[] {
  return items.toSorted((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0));
}
