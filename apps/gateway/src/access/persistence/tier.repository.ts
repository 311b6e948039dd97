import { Injectable } from '@nestjs/common';
import type { AuditCommand } from '@signalbox/contracts/messages';
import { gatewayStream } from '@signalbox/contracts/streams';
import { recordAudit } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { AccountRow } from './account.entity.js';
import { toTier } from './account.mapper.js';
import { TierRow } from './tier.entity.js';
import type { Written } from './written.js';

/** The most rows a list gives. */
const LIST_LIMIT = 1_000;

const PUT = `
  INSERT INTO tier (name, requests_per_hour, burst_per_second) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO UPDATE
    SET requests_per_hour = excluded.requests_per_hour, burst_per_second = excluded.burst_per_second
  RETURNING xmax = 0 AS is_new`;

@Injectable()
export class TierRepository {
  constructor(private readonly database: Database) {}

  list(): Promise<TierRow[]> {
    return this.rows().find({ order: { name: 'ASC' }, take: LIST_LIMIT });
  }

  count(): Promise<number> {
    return this.rows().count();
  }

  exists(name: string): Promise<boolean> {
    return this.rows().existsBy({ name });
  }

  /** Creates or replaces the tier, in the table and in the stream. */
  async put(row: TierRow, audit: AuditCommand): Promise<Written & { isNew: boolean }> {
    const { result: isNew, seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const values = [row.name, row.requestsPerHour, row.burstPerSecond];
      const [made] = await transaction.manager.query<{ is_new: boolean }[]>(PUT, values);
      transaction.put(gatewayStream.entries.tier.key(row.name), toTier(row));
      recordAudit(transaction, audit);
      return made!.is_new;
    });
    return { isNew, seq: seq! };
  }

  /**
   * Deletes the tier unless `forbid` throws. The tier is locked meanwhile, so that no account gets it.
   * @returns undefined where there is no such tier
   */
  async delete(name: string, forbid: (accounts: number) => void, audit: AuditCommand): Promise<Written | undefined> {
    const { seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const { manager } = transaction;
      const row = await manager.findOne(TierRow, { where: { name }, lock: { mode: 'pessimistic_write' } });
      if (row === null) return;
      forbid(await manager.countBy(AccountRow, { tier: name }));
      await manager.delete(TierRow, { name });
      transaction.remove(gatewayStream.entries.tier.key(name));
      recordAudit(transaction, audit);
    });
    return seq === undefined ? undefined : { seq };
  }

  private rows() {
    return this.database.dataSource.getRepository(TierRow);
  }
}
