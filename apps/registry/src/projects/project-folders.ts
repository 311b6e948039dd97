import { mkdir, rmdir } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@signalbox/platform';
import { refused } from '../requests/refusal.js';
import { Places } from '../settings/places.js';
import type { TreeTransaction } from '../tree/tree-transaction.js';

/**
 * The projects' own directories. They are created and removed while the project is locked: a directory that is removed while it is created
 * fails the creation, or leaves a project without its directory.
 */
@Injectable()
export class ProjectFolders {
  constructor(
    private readonly places: Places,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Creates it where it is missing. The project must be locked. @returns its path @throws RequestRefused: unavailable */
  async make(project: string): Promise<string> {
    const folder = this.places.ofProject(project);
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      this.logger.error({ err: error, project }, 'directory of a project cannot be created');
      throw refused('unavailable', 'The registry cannot create the directory of the project: its log has the reason.');
    }
    return folder;
  }

  /** Removes it where it is empty and there is no such project. Locks the project. */
  async removeUnused(tree: TreeTransaction, project: string): Promise<void> {
    await tree.lock(project);
    if (await tree.project(project)) return;
    await rmdir(this.places.ofProject(project)).catch(() => undefined);
  }
}
