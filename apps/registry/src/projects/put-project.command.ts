import { Inject, Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts/messages';
import { SealedBody } from '@signalbox/nest-service';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ConnectionVault } from '../connections/connection-vault.js';
import { Mutations, type Mutation } from '../mutations/mutations.js';
import { PackageLoader } from '../packages/package-loader.js';
import { LOADED_AT_ONCE, loadWanted, putLoaded, wantedPackage, type LoadedPackage } from '../packages/put-package.js';
import { inTurns } from '../packages/turns.js';
import { callerOf } from '../requests/caller-of.js';
import { refused } from '../requests/refusal.js';
import { nameOf } from '../requests/resource-name.js';
import { ProjectFolders } from './project-folders.js';
import { putConnections } from './put-connections.js';
import { wantedProject, type WantedProject } from './wanted-project.js';

/** The wanted project, with its packages loaded. */
interface PreparedProject extends Omit<WantedProject, 'packages'> {
  readonly name: string;
  readonly loaded: readonly LoadedPackage[];
}

/** Creates or changes a project. Members that the body leaves out stay unchanged. */
@Injectable()
export class PutProjectCommand {
  constructor(
    private readonly mutations: Mutations,
    private readonly bodies: SealedBody,
    private readonly vault: ConnectionVault,
    private readonly loader: PackageLoader,
    private readonly folders: ProjectFolders,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws RequestRefused: bad_name, bad_request, invalid_value, not_found (a package's location), busy */
  execute(mutation: Mutation): Promise<RegistryReply> {
    return this.mutations.runPrepared(
      mutation,
      (signal) => this.prepare(mutation, signal),
      async (tree, { name, readme, connections, loaded }) => {
        await tree.lock(name);
        const location = await this.folders.make(name);
        const before = await tree.project(name);
        const project = await tree.putProject({ name, location, readme: readme ?? before?.readme ?? '' }, before);
        const dropped = connections && (await putConnections(tree, this.vault, { project: name, wanted: connections }));
        for (const each of loaded) await putLoaded(tree, each, this.clock.now());
        return { tree: await tree.contentOf(project), ...dropped };
      },
    );
  }

  private async prepare({ request, context }: Mutation, signal: AbortSignal): Promise<PreparedProject> {
    const body = this.bodies.of(request, context);
    if (body['name'] === undefined) throw refused('bad_request', 'The project has no name.');
    const name = nameOf(body['name'], 'project');
    const { packages = [], ...wanted } = wantedProject(body);
    const all = packages.map((each) => wantedPackage(name, each));
    const asking = { caller: callerOf(request), signal };
    const loaded = await inTurns(all, LOADED_AT_ONCE, (each) => loadWanted(this.loader, each, asking));
    return { ...wanted, name, loaded };
  }
}
