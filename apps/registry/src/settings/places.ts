import { lstatSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@signalbox/platform';
import type { Config } from '../config.js';

const FILE_NAMES = ['signalbox.config.json', 'publisher.config.json'];

/** The files and folders that the configuration names, as absolute paths. Resolved once at the start. */
@Injectable()
export class Places {
  /** Undefined where there is no configuration file. */
  readonly configFile: string | undefined;
  /** Relative locations of packages start here. */
  readonly baseFolder: string;
  /** Packages may be loaded from folders below these. */
  readonly packageRoots: readonly string[];
  private readonly projectsFolder: string;

  constructor(
    @Inject(CONFIG) {
      SIGNALBOX_CONFIG_FILE: named,
      SIGNALBOX_PACKAGE_ROOTS: roots,
      SIGNALBOX_REGISTRY_DATA: data,
    }: Config,
  ) {
    const file = named ?? FILE_NAMES.find(exists);
    this.configFile = file === undefined ? undefined : resolve(file);
    this.baseFolder = resolve(this.configFile === undefined ? '.' : dirname(this.configFile));
    this.projectsFolder = resolve(data, 'projects');
    const rootFolders = (roots || this.baseFolder).split(':').filter((root) => root !== '');
    this.packageRoots = [...rootFolders.map((root) => resolve(root)), this.projectsFolder];
  }

  /** The project's own directory. */
  ofProject(name: string): string {
    return join(this.projectsFolder, name);
  }
}

/** True also for a broken link and for a file that may not be read: an unreadable configuration file is not the same as none. */
function exists(name: string): boolean {
  try {
    return lstatSync(name, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
