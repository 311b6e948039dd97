import { rm } from 'node:fs/promises';
import path from 'node:path';
import { killServerIn } from '@signalbox/local-infra';
import { makeServerFolder, removeAbandonedFolders, SERVERS } from '../server-folders.js';

/** The folder of a server of a test, or of a cluster of them, gone with this process; what a killed run left behind is removed by the next. */
export class FaultyFolder {
  private readonly killServers = (): void => {
    for (const server of SERVERS) killServerIn(path.join(this.folder, server));
  };

  private constructor(
    private readonly folder: string,
    readonly home: string,
  ) {
    process.once('exit', this.killServers);
  }

  static async make(server: 'rabbitmq' | 'postgres' | 'cluster'): Promise<FaultyFolder> {
    await removeAbandonedFolders();
    const folder = await makeServerFolder();
    return new FaultyFolder(folder, path.join(folder, server));
  }

  get logFile(): string {
    return `${this.home}.log`;
  }

  async remove(): Promise<void> {
    this.killServers();
    process.removeListener('exit', this.killServers);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
