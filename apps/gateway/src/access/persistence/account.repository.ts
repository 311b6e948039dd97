import { Injectable } from '@nestjs/common';
import type { AuditCommand } from '@signalbox/contracts/messages';
import { gatewayStream } from '@signalbox/contracts/streams';
import { recordAudit } from '@signalbox/nest-service';
import { Database, type StreamTransaction } from '@signalbox/persistence';
import { AccountRow } from './account.entity.js';
import { toAccountEntry } from './account.mapper.js';
import { TierRow } from './tier.entity.js';
import type { Written } from './written.js';

/** The most rows a list gives. */
const LIST_LIMIT = 1_000;

export type AccountChange = Partial<Pick<AccountRow, 'name' | 'tier'>>;

/** Why nothing was written. */
export type Unwritten = 'unknown account' | 'unknown tier';

@Injectable()
export class AccountRepository {
  constructor(private readonly database: Database) {}

  /** The newest first. */
  list(): Promise<AccountRow[]> {
    return this.rows().find({ order: { createdAt: 'DESC', id: 'DESC' }, take: LIST_LIMIT });
  }

  find(id: string): Promise<AccountRow | null> {
    return this.rows().findOneBy({ id });
  }

  count(): Promise<number> {
    return this.rows().count();
  }

  exists(id: string): Promise<boolean> {
    return this.rows().existsBy({ id });
  }

  async add(row: AccountRow, audit: AuditCommand): Promise<Written | Unwritten> {
    const { result, seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      if (!(await isTier(transaction, row.tier))) return 'unknown tier';
      await transaction.manager.insert(AccountRow, row);
      transaction.put(gatewayStream.entries.account.key(row.id), toAccountEntry(row));
      recordAudit(transaction, audit);
      return undefined;
    });
    return result ?? { seq: seq! };
  }

  async change(
    id: string,
    change: AccountChange,
    audit: AuditCommand,
  ): Promise<(Written & { row: AccountRow }) | Unwritten> {
    const { result, seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const { manager } = transaction;
      const row = await manager.findOne(AccountRow, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (row === null) return 'unknown account';
      if (change.tier !== undefined && !(await isTier(transaction, change.tier))) return 'unknown tier';
      await manager.update(AccountRow, { id }, change);
      const changed = Object.assign(row, change);
      transaction.put(gatewayStream.entries.account.key(id), toAccountEntry(changed));
      recordAudit(transaction, audit);
      return changed;
    });
    return typeof result === 'string' ? result : { row: result, seq: seq! };
  }

  private rows() {
    return this.database.dataSource.getRepository(AccountRow);
  }
}

/** Whether the tier exists. It cannot be deleted until the transaction ends. */
async function isTier({ manager }: StreamTransaction, name: string): Promise<boolean> {
  return (await manager.findOne(TierRow, { where: { name }, lock: { mode: 'pessimistic_read' } })) !== null;
}
