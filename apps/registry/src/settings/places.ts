import { lstatSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@signalbox/platform';
import type { Config } from '../config.js';

const FILE_NAMES = ['signalbox.config.json', 'publisher.config.json'];

/** Where things are that the configuration names, as absolute paths: looked up once, so that all of this life agrees on them. */
@Injectable()
export class Places {
  /** Undefined where there is none. */
  readonly configFile: string | undefined;
  /** Where relative locations of packages start. */
  readonly baseFolder: string;
  /** Below which packages may be loaded from folders. */
  readonly packageRoots: readonly string[];
  /** For what is needed only while a package is loaded. */
  readonly scratchFolder: string;
  private readonly projectsFolder: string;

  constructor(
    @Inject(CONFIG) {
      SIGNALBOX_CONFIG_FILE: named,
      SIGNALBOX_PACKAGE_ROOTS: roots,
      SIGNALBOX_REGISTRY_DATA: data,
    }: Config,
  ) {
    const file = named ?? FILE_NAMES.find(isThere);
    this.configFile = file === undefined ? undefined : resolve(file);
    this.baseFolder = resolve(this.configFile === undefined ? '.' : dirname(this.configFile));
    this.projectsFolder = resolve(data, 'projects');
    this.scratchFolder = resolve(data, 'scratch');
    const rootFolders = (roots || this.baseFolder).split(':').filter((root) => root !== '');
    this.packageRoots = [...rootFolders.map((root) => resolve(root)), this.projectsFolder];
  }

  /** The directory that is the project's own. */
  ofProject(name: string): string {
    return join(this.projectsFolder, name);
  }
}

/** Also where it leads nowhere or nobody may look: what was meant to be read and cannot be is not the same as nothing. */
function isThere(name: string): boolean {
  try {
    return lstatSync(name, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
