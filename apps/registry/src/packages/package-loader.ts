import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { allowedTargetsOf, type AllowedTargets } from '@signalbox/network-policy';
import { RequestRefused } from '@signalbox/messaging';
import { CONFIG, LOGGER, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import { JobPools } from '../jobs/job-pools.js';
import { Places } from '../settings/places.js';
import type { Asking } from '../jobs/asking.js';
import { readGitPackage } from './git/read-git-package.js';
import { parseLocation, type PackageLocation } from './source/package-location.rules.js';
import { PackageNotLoaded, type PackageContent } from './source/package-source.js';
import { readManifest } from './source/read-manifest.js';
import { filesOf, isInside, readPackage } from './source/read-package.js';
import { Turns } from './turns.js';

export interface PackageToLoad {
  readonly project: string;
  readonly name: string;
  /** Null: the directory with its name in the directory of the project. */
  readonly location: string | null;
}

/** Reading waits for the disk most of the time. */
const READ_AT_ONCE = 16;

/** Loads packages from their locations. Their sources are not changed. */
@Injectable()
export class PackageLoader {
  private readonly rules: AllowedTargets;
  private readonly maxBytes: number;
  private readonly reading = new Turns(READ_AT_ONCE);

  constructor(
    private readonly places: Places,
    private readonly jobs: JobPools,
    @Inject(CONFIG) config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.rules = allowedTargetsOf(config);
    this.maxBytes = config.SIGNALBOX_REPOSITORY_MAX_BYTES;
  }

  /**
   * The content of a package, or why it cannot be loaded: one package does not block the others.
   * @throws RequestRefused: busy, never where the registry itself asks
   */
  async load(wanted: PackageToLoad, asking: Asking): Promise<PackageContent | PackageNotLoaded> {
    try {
      return await this.fromLocation(wanted, asking);
    } catch (error) {
      if (error instanceof PackageNotLoaded) return error;
      if (error instanceof RequestRefused) throw error;
      this.logger.warn({ err: error, project: wanted.project, package: wanted.name }, 'package cannot be read');
      const reason =
        error instanceof Error && 'code' in error ? String(error.code) : 'the log of the registry has the reason';
      return new PackageNotLoaded('unavailable', `It cannot be read (${reason}).`);
    }
  }

  private async fromLocation({ project, name, location }: PackageToLoad, asking: Asking): Promise<PackageContent> {
    if (location === null) {
      const folder = join(this.places.ofProject(project), name);
      return this.fromFolder(folder, 'It has no location, and the project has no directory of its name.', asking);
    }
    const source = parseLocation(location);
    switch (source.kind) {
      case 'folder': {
        const folder = resolve(this.places.baseFolder, source.path);
        return this.fromFolder(folder, `There is no directory at its location ${location}.`, asking);
      }
      case 'git':
        return this.fromGit(source, asking);
    }
  }

  private fromFolder(folder: string, ifMissing: string, asking: Asking): Promise<PackageContent> {
    return this.reading.take(async () => {
      // A stop must not wait for thousands of packages in the queue.
      if (asking.signal.aborted) throw new PackageNotLoaded('unavailable', 'There was no more time to read it.');
      const files = filesOf(await this.allowedFolder(folder, ifMissing));
      return readPackage(files, (file) => readManifest(this.jobs, file, asking));
    });
  }

  /** Links are resolved before the check whether the folder is allowed. */
  private async allowedFolder(folder: string, ifMissing: string): Promise<string> {
    const found = await realpath(folder).catch(() => undefined);
    // For a folder outside the roots the answer does not show whether it exists.
    if (!(await this.isAllowed(found ?? folder)))
      throw new PackageNotLoaded(
        'missing',
        'Its location is outside the directories that packages may be loaded from (SIGNALBOX_PACKAGE_ROOTS).',
      );
    if (found === undefined || !(await stat(found)).isDirectory()) throw new PackageNotLoaded('missing', ifMissing);
    return found;
  }

  /** A root may be a link itself. Mostly it is not, so the roots are compared unresolved first: there may be 10,000 packages. */
  private async isAllowed(path: string): Promise<boolean> {
    const { packageRoots: roots } = this.places;
    if (roots.some((root) => isInside(root, path))) return true;
    const resolved = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
    return resolved.some((root) => isInside(root, path));
  }

  private fromGit(
    { url, branch, folder = '.' }: Extract<PackageLocation, { kind: 'git' }>,
    asking: Asking,
  ): Promise<PackageContent> {
    const source = { url, ...(branch !== undefined && { branch }), folder, rules: this.rules, maxBytes: this.maxBytes };
    return readGitPackage(this.jobs, source, asking);
  }
}
