import { mkdir, realpath, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { TargetRules } from '@signalbox/network-policy';
import { CONFIG, LOGGER, type Logger } from '@signalbox/platform';
import { placesOf, type Config, type Places } from '../config.js';
import { targetRulesOf } from '../target-rules.js';
import { withGitRepository } from './git-repository.js';
import { parseLocation, type PackageLocation } from './package-location.js';
import { PackageNotLoaded, type PackageContent } from './package-source.js';
import { filesOf, isInside, readPackage } from './read-package.js';

export interface PackageToLoad {
  readonly project: string;
  readonly name: string;
  /** Null: the directory of its name in that of the project. */
  readonly location: string | null;
}

const FETCHED_AT_ONCE = 4;

/** Loads packages from where they are. Nothing is changed at the source. */
@Injectable()
export class PackageLoader {
  private readonly places: Places;
  private readonly rules: TargetRules;
  private readonly maxBytes: number;
  private readonly fetching = new Set<Promise<void>>();

  constructor(@Inject(CONFIG) config: Config, @Inject(LOGGER) private readonly logger: Logger) {
    this.places = placesOf(config);
    this.rules = targetRulesOf(config);
    this.maxBytes = config.SIGNALBOX_REPOSITORY_MAX_BYTES;
  }

  private folderOf(project: string): string {
    return join(this.places.projectsFolder, project);
  }

  /** Makes the directory that is the project's own, where there is none, and says where it is. */
  async makeFolder(project: string): Promise<string> {
    const folder = this.folderOf(project);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Removes it, where nobody has put anything into it. */
  async removeFolder(project: string): Promise<void> {
    await rmdir(this.folderOf(project)).catch(() => undefined);
  }

  /** @param signal ends it early @throws PackageNotLoaded, whatever happens: one package must not hold up the others */
  async load(wanted: PackageToLoad, signal?: AbortSignal): Promise<PackageContent> {
    try {
      return await this.fromLocation(wanted, signal);
    } catch (error) {
      if (error instanceof PackageNotLoaded) throw error;
      this.logger.warn({ err: error, project: wanted.project, package: wanted.name }, 'a package cannot be read');
      throw new PackageNotLoaded('unavailable', `It cannot be read (${(error as { code?: unknown } | null)?.code === undefined ? 'the log of the registry has the reason' : String((error as { code: unknown }).code)}).`);
    }
  }

  private async fromLocation({ project, name, location }: PackageToLoad, signal: AbortSignal | undefined): Promise<PackageContent> {
    if (location === null) return this.fromFolder(join(this.folderOf(project), name), 'It has no location, and the project has no directory of its name.');
    const source = parseLocation(location);
    switch (source.kind) {
      case 'folder':
        return this.fromFolder(resolve(this.places.baseFolder, source.path), `There is no directory at its location ${location}.`);
      case 'git':
        return this.inTurn(() => this.fromGit(source, signal));
      case 'bucket':
        throw new PackageNotLoaded('unsupported', `It stands in a bucket (${source.scheme}://); this registry cannot load from there yet.`);
    }
  }

  /** Whether the folder is allowed is judged after links are followed. */
  private async fromFolder(folder: string, ifMissing: string): Promise<PackageContent> {
    const found = await realpath(folder).catch(() => undefined);
    // Of what is outside nothing is told, not even whether it is there.
    if (!(await this.isAllowed(found ?? folder))) throw new PackageNotLoaded('missing', 'Its location is outside the directories that packages may be loaded from (SIGNALBOX_PACKAGE_ROOTS).');
    if (found === undefined || !(await stat(found)).isDirectory()) throw new PackageNotLoaded('missing', ifMissing);
    return readPackage(filesOf(found));
  }

  /** Repositories are large: few are fetched at once, and the others wait for their turn. */
  private async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.fetching.size >= FETCHED_AT_ONCE) await Promise.race(this.fetching);
    const done = work();
    const settled = done.then(() => undefined, () => undefined).finally(() => this.fetching.delete(settled));
    this.fetching.add(settled);
    return done;
  }

  /** A root may be a link itself; mostly it is not, and 10,000 packages need not ask. */
  private async isAllowed(path: string): Promise<boolean> {
    const roots = [...this.places.packageRoots, this.places.projectsFolder];
    if (roots.some((root) => isInside(root, path))) return true;
    const resolved = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
    return resolved.some((root) => isInside(root, path));
  }

  private fromGit({ url, branch, folder = '.' }: Extract<PackageLocation, { kind: 'git' }>, signal: AbortSignal | undefined): Promise<PackageContent> {
    const options = { scratchFolder: this.places.scratchFolder, rules: this.rules, maxBytes: this.maxBytes, signal };
    return withGitRepository({ url, ...(branch !== undefined && { branch }) }, options, (findIn) => readPackage(findIn(folder)));
  }
}
