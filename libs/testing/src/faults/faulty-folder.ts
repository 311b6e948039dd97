import { rm } from 'node:fs/promises';
import path from 'node:path';
import { killServerIn } from '@signalbox/local-infra';
import { makeServerFolder, removeAbandonedFolders, SERVERS } from '../server-folders.js';

/** The folder of one server of a test, gone with this process; what a killed run left behind is removed by the next. */
export class FaultyFolder {
  private readonly killServer = (): void => killServerIn(this.home);

  private constructor(
    private readonly folder: string,
    readonly home: string,
  ) {
    process.once('exit', this.killServer);
  }

  static async make(server: (typeof SERVERS)[number]): Promise<FaultyFolder> {
    await removeAbandonedFolders();
    const folder = await makeServerFolder();
    return new FaultyFolder(folder, path.join(folder, server));
  }

  get logFile(): string {
    return `${this.home}.log`;
  }

  async remove(): Promise<void> {
    this.killServer();
    process.removeListener('exit', this.killServer);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
