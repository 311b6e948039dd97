import { randomUUID } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { allowedTargetsOf, type TargetRules } from '@signalbox/network-policy';
import { CONFIG, LOGGER, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import { Places } from '../settings/places.js';
import { readGitPackage } from './git/read-git-package.js';
import { parseLocation, type PackageLocation } from './source/package-location.rules.js';
import { PackageNotLoaded, type PackageContent } from './source/package-source.js';
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
/** Repositories are large. */
const FETCHED_AT_ONCE = 4;

/** Loads packages from their locations. Their sources are not changed. */
@Injectable()
export class PackageLoader {
  private readonly rules: TargetRules;
  private readonly maxBytes: number;
  private readonly reading = new Turns(READ_AT_ONCE);
  private readonly fetching = new Turns(FETCHED_AT_ONCE);

  constructor(
    private readonly places: Places,
    @Inject(CONFIG) config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.rules = allowedTargetsOf(config);
    this.maxBytes = config.SIGNALBOX_REPOSITORY_MAX_BYTES;
  }

  /** The content of a package, or why it cannot be loaded. Never rejects, so that one package does not block the others. @param signal stops it early */
  async load(wanted: PackageToLoad, signal?: AbortSignal): Promise<PackageContent | PackageNotLoaded> {
    try {
      return await this.fromLocation(wanted, signal);
    } catch (error) {
      if (error instanceof PackageNotLoaded) return error;
      this.logger.warn({ err: error, project: wanted.project, package: wanted.name }, 'package cannot be read');
      const reason =
        error instanceof Error && 'code' in error ? String(error.code) : 'the log of the registry has the reason';
      return new PackageNotLoaded('unavailable', `It cannot be read (${reason}).`);
    }
  }

  private async fromLocation(
    { project, name, location }: PackageToLoad,
    signal: AbortSignal | undefined,
  ): Promise<PackageContent> {
    const inTurn = (turns: Turns, work: () => Promise<PackageContent>): Promise<PackageContent> =>
      turns.take(() => {
        // A stop must not wait for thousands of packages in the queue.
        if (signal?.aborted) throw new PackageNotLoaded('unavailable', 'There was no more time to read it.');
        return work();
      });
    if (location === null) {
      return inTurn(this.reading, () =>
        this.fromFolder(
          join(this.places.ofProject(project), name),
          'It has no location, and the project has no directory of its name.',
        ),
      );
    }
    const source = parseLocation(location);
    switch (source.kind) {
      case 'folder':
        return inTurn(this.reading, () =>
          this.fromFolder(
            resolve(this.places.baseFolder, source.path),
            `There is no directory at its location ${location}.`,
          ),
        );
      case 'git':
        return inTurn(this.fetching, () => this.fromGit(source, signal));
    }
  }

  /** Links are resolved before the check whether the folder is allowed. */
  private async fromFolder(folder: string, ifMissing: string): Promise<PackageContent> {
    const found = await realpath(folder).catch(() => undefined);
    // For a folder outside the roots the answer does not show whether it exists.
    if (!(await this.isAllowed(found ?? folder)))
      throw new PackageNotLoaded(
        'missing',
        'Its location is outside the directories that packages may be loaded from (SIGNALBOX_PACKAGE_ROOTS).',
      );
    if (found === undefined || !(await stat(found)).isDirectory()) throw new PackageNotLoaded('missing', ifMissing);
    return readPackage(filesOf(found));
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
    signal: AbortSignal | undefined,
  ): Promise<PackageContent> {
    const scratchFolder = join(this.places.scratchFolder, randomUUID());
    return readGitPackage(
      {
        url,
        ...(branch !== undefined && { branch }),
        folder,
        scratchFolder,
        rules: this.rules,
        maxBytes: this.maxBytes,
      },
      signal,
    );
  }
}
