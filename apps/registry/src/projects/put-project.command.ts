import { Inject, Injectable } from '@nestjs/common';
import type { RegistryReply } from '@signalbox/contracts';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ConnectionVault } from '../connections/connection-vault.js';
import { Mutations, nameOf, type Mutation } from '../mutations.js';
import { PackageLoader } from '../packages/package-loader.js';
import { loadWanted, putLoaded, wantedPackage, type LoadedPackage } from '../packages/put-package.js';
import { refused } from '../refusal.js';
import { SealedBody } from '../sealed-body.js';
import { putConnections } from './put-connections.js';
import { wantedProject } from './wanted-project.js';

/** Makes a project, or changes the one there is: what the body leaves out stays as it is. */
@Injectable()
export class PutProjectCommand {
  constructor(
    private readonly mutations: Mutations,
    private readonly bodies: SealedBody,
    private readonly vault: ConnectionVault,
    private readonly loader: PackageLoader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws RequestRefused: bad_name, bad_request, invalid_value, not_found (a package's location) */
  async execute(mutation: Mutation): Promise<RegistryReply> {
    const answered = await this.mutations.begin(mutation);
    if (answered) return answered;
    const body = this.bodies.of(mutation.request);
    if (body['name'] === undefined) throw refused('bad_request', 'The project has no name.');
    const name = nameOf(body['name'], 'project');
    const { readme, connections, packages = [] } = wantedProject(body);
    const location = await this.loader.makeFolder(name);
    const loaded: LoadedPackage[] = [];
    for (const each of packages) loaded.push(await loadWanted(this.loader, wantedPackage(name, each)));
    return this.mutations.run({ ...mutation, request: { ...mutation.request, project: name } }, async (edit) => {
      await edit.lock(name);
      const before = await edit.project(name);
      const project = await edit.putProject({ name, location, readme: readme ?? before?.readme ?? '' });
      if (connections) await putConnections(edit, this.vault, { project: name, wanted: connections });
      for (const each of loaded) await putLoaded(edit, each, this.clock.now());
      return { tree: await edit.tree(project) };
    });
  }
}
