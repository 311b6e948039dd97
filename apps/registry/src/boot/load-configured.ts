import { Inject, Injectable } from '@nestjs/common';
import { withoutBlanks } from '@signalbox/contracts/http';
import { RequestRefused } from '@signalbox/messaging';
import { Database } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import type {
  ConfigProblem,
  ConfiguredProject,
  NamedEntry,
  RegistryConfig,
} from '../config-file/registry-config.rules.js';
import { checkConnection } from '../connections/check-connection.js';
import { ConnectionVault } from '../connections/connection-vault.js';
import { PackageLoader } from '../packages/package-loader.js';
import { putLoaded, wantedPackage, type LoadedPackage } from '../packages/put-package.js';
import { ProjectFolders } from '../projects/project-folders.js';
import { wantedProject } from '../projects/wanted-project.js';
import { nameOf } from '../requests/resource-name.js';
import { changeTree } from '../tree/change-tree.js';
import type { TreeTransaction } from '../tree/tree-transaction.js';
import { reportAll } from './report-all.js';

export interface LoadOptions {
  /** Delete the stored tree first. */
  readonly reset: boolean;
  readonly signal: AbortSignal;
}

/** Fills the tree from the configuration file. What cannot be loaded is reported under its name, and everything else is loaded. */
@Injectable()
export class LoadConfigured {
  constructor(
    private readonly database: Database,
    private readonly loader: PackageLoader,
    private readonly folders: ProjectFolders,
    private readonly vault: ConnectionVault,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ projects, problems }: RegistryConfig, { reset, signal }: LoadOptions): Promise<void> {
    if (reset) await this.change((tree) => tree.clear());
    const loaded = await this.loadPackages(projects, signal);
    for (const project of projects) {
      signal.throwIfAborted();
      const own = problems.filter((problem) => problem.project === project.name);
      await this.change((tree) => this.putProject(tree, project, loaded.get(project.name) ?? [], own));
    }
    await this.change(async (tree) => {
      await tree.clearError({});
      await reportAll(
        tree,
        problems.filter(({ project }) => project === undefined),
        this.clock.now(),
      );
    });
  }

  /** Loads the packages of all projects at once, so that one whose source does not answer does not delay the others. */
  private async loadPackages(
    projects: readonly ConfiguredProject[],
    signal: AbortSignal,
  ): Promise<Map<string, (LoadedPackage | ConfigProblem)[]>> {
    const loaded = new Map<string, (LoadedPackage | ConfigProblem)[]>();
    const wanted = projects.flatMap(({ name, packages }) => packages.map((entry) => ({ name, entry })));
    await Promise.all(
      wanted.map(async ({ name, entry }) => {
        const outcome = await this.loadPackage(name, entry, signal);
        loaded.set(name, [...(loaded.get(name) ?? []), outcome]);
      }),
    );
    signal.throwIfAborted();
    return loaded;
  }

  /** @param known problems of the project that are known already */
  private async putProject(
    tree: TreeTransaction,
    { name, body, connections }: ConfiguredProject,
    loaded: readonly (LoadedPackage | ConfigProblem)[],
    known: readonly ConfigProblem[],
  ): Promise<void> {
    const problems = [...known];
    const project = attempt(() => ({ name: nameOf(name, 'project'), ...wantedProject(body) }));
    if ('refusal' in project) problems.push({ project: name, message: project.refusal });
    else {
      await tree.lock(name);
      await tree.putProject({ name, location: await this.folders.make(name), readme: project.value.readme ?? '' });
      for (const each of connections) await this.putConnection(tree, name, each, problems);
      for (const each of loaded) {
        if ('message' in each) problems.push(each);
        else await putLoaded(tree, each, this.clock.now());
      }
    }
    await reportAll(tree, problems, this.clock.now());
  }

  private async putConnection(
    tree: TreeTransaction,
    project: string,
    body: NamedEntry,
    problems: ConfigProblem[],
  ): Promise<void> {
    const { name } = body;
    const row = attempt(() =>
      this.vault.toRow(project, checkConnection({ ...withoutBlanks(body), name: nameOf(name, 'connection') }), true),
    );
    if ('refusal' in row) problems.push({ project, connection: name, message: row.refusal });
    else await tree.putConnection(row.value);
  }

  /** A package that cannot be loaded now is registered nevertheless: the next start tries again. */
  private async loadPackage(
    project: string,
    body: NamedEntry,
    signal: AbortSignal,
  ): Promise<LoadedPackage | ConfigProblem> {
    const wanted = attempt(() => wantedPackage(project, body));
    if ('refusal' in wanted) return { project, package: body.name, message: wanted.refusal };
    return { wanted: wanted.value, outcome: await this.loader.load(wanted.value, { caller: undefined, signal }) };
  }

  private change(work: (tree: TreeTransaction) => Promise<void>): Promise<void> {
    return changeTree(this.database, work);
  }
}

/** The value that `make` returns, or the text with which it refuses. */
function attempt<Value>(make: () => Value): { readonly value: Value } | { readonly refusal: string } {
  try {
    return { value: make() };
  } catch (error) {
    if (error instanceof RequestRefused) return { refusal: error.message };
    throw error;
  }
}
