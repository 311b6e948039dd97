import { mkdir, rmdir } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { Places } from '../settings/places.js';

/** The projects' own directories. */
@Injectable()
export class ProjectFolders {
  constructor(private readonly places: Places) {}

  /** Creates it where it is missing. @returns its path */
  async make(project: string): Promise<string> {
    const folder = this.places.ofProject(project);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Removes it where it is empty. */
  async remove(project: string): Promise<void> {
    await rmdir(this.places.ofProject(project)).catch(() => undefined);
  }
}
