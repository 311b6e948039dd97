import { mkdir, rmdir } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { Places } from '../settings/places.js';

/** The directories that are the projects' own. */
@Injectable()
export class ProjectFolders {
  constructor(private readonly places: Places) {}

  /** Makes it where there is none, and says where it is. */
  async make(project: string): Promise<string> {
    const folder = this.places.ofProject(project);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Removes it, where nobody has put anything into it. */
  async remove(project: string): Promise<void> {
    await rmdir(this.places.ofProject(project)).catch(() => undefined);
  }
}
