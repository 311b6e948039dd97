import { Inject, Injectable } from '@nestjs/common';
import { registryStream } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import { CLOCK, LOGGER, NotOpenable, type Clock, type Logger } from '@signalbox/platform';
import { ConnectionVault, type Resealed } from '../connections/connection-vault.js';
import { changeTree } from '../tree/change-tree.js';
import { TreeReader } from '../tree/tree-reader.js';
import { ConnectionRow, type Plain } from '../tree/persistence/rows.js';

/**
 * Seals stored credentials again, where they are not sealed with the current key and for the target of their connection. It is the one
 * place where credentials are opened that an earlier release sealed for any target.
 */
@Injectable()
export class ResealStored {
  constructor(
    private readonly database: Database,
    private readonly vault: ConnectionVault,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param failed keys of the load errors that there are: those of credentials that can be opened again are cleared */
  async execute(failed: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const reader = new TreeReader(this.database.dataSource.manager);
    let bound = 0;
    for await (const row of reader.allConnections()) {
      if (signal.aborted) break;
      if (await this.reseal(row, failed)) bound += 1;
    }
    if (bound > 0)
      this.logger.warn(
        { connections: bound },
        'credentials of an earlier release sealed again for the targets that their connections have now',
      );
  }

  /** @returns whether the credentials were not bound to a target */
  private async reseal(row: Plain<ConnectionRow>, failed: ReadonlySet<string>): Promise<boolean> {
    const subject = { project: row.project, connection: row.name };
    try {
      const resealed = this.vault.resealed(row);
      if (resealed !== undefined) await this.store(row, resealed);
      if (failed.has(registryStream.entries.loadError.key(subject)))
        await changeTree(this.database, (tree) => tree.clearError(subject));
      return resealed?.wasUnbound ?? false;
    } catch (error) {
      if (!(error instanceof NotOpenable)) throw error;
      const message = `Its credentials cannot be opened: ${error.message}. Add that key to SIGNALBOX_SECRET_KEYS, or send the credentials again.`;
      await changeTree(this.database, (tree) => tree.reportError({ ...subject, message }, this.clock.now()));
      return false;
    }
  }

  /** A change of the connection meanwhile was sealed so already. */
  private async store({ project, name, version }: Plain<ConnectionRow>, { sealed }: Resealed): Promise<void> {
    await this.database.dataSource.manager.update(ConnectionRow, { project, name, version }, { sealed });
  }
}
