import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { datasourcesStream } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import { CLOCK, describeError, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import type { HeldRow } from '../leases/lease.repository.js';
import { Leases } from '../leases/leases.js';
import { SourceVault } from '../sources/source-vault.js';
import type { EndpointSettings } from '../store/datasource.row.js';
import { DatasourceTransaction } from '../store/datasource-transaction.js';

/** Drops the former signing keys of endpoints when their time is over. */
@Injectable()
export class FormerKeys implements OnModuleDestroy {
  private readonly timers = new Map<string, () => void>();

  constructor(
    leases: Leases,
    private readonly database: Database,
    private readonly vault: SourceVault,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    leases.onRow((row, assignment) => {
      this.cancel(row.id);
      if (assignment?.connection === 'endpoint') this.plan(row);
    });
    leases.onReleased((id) => this.cancel(id));
  }

  onModuleDestroy(): void {
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
  }

  private plan(row: HeldRow): void {
    const { former_key_until: until } = row.settings as EndpointSettings;
    if (until === null) return;
    const drop = (): void => {
      this.timers.delete(row.id);
      void this.drop(row).catch((error: unknown) =>
        // The next process that takes it, or the next change of it, tries again. Requests are not signed with it any more.
        this.logger.warn({ datasource: row.id, reason: describeError(error) }, 'former signing key not dropped'),
      );
    };
    this.timers.set(row.id, this.clock.schedule(until - row.read_at.getTime(), drop, { background: true }));
  }

  private async drop({ id, fence }: HeldRow): Promise<void> {
    await this.database.streamTransaction(datasourcesStream.name, async (stream) => {
      const transaction = new DatasourceTransaction(stream);
      const now = await transaction.now();
      const [row] = await transaction.take([id]);
      if (row === undefined || row.fence !== fence) return;
      const settings = row.settings as EndpointSettings;
      if (settings.former_key_until === null || settings.former_key_until > now.getTime()) return;
      const { signingKey } = this.vault.endpoint(row);
      await transaction.update([
        {
          ...row,
          settings: { ...settings, former_key_until: null },
          sealed: this.vault.seal(row, { signingKey, formerKey: null }),
          assignment_version: row.assignment_version + 1,
          is_changed: true,
        },
      ]);
    });
  }

  private cancel(id: string): void {
    this.timers.get(id)?.();
    this.timers.delete(id);
  }
}
