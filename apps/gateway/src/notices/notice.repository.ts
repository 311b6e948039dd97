import { Injectable } from '@nestjs/common';
import type { AuditCommand } from '@signalbox/contracts/messages';
import { gatewayStream } from '@signalbox/contracts/streams';
import { recordAudit } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { MoreThan } from 'typeorm';
import { NoticeRow } from './notice.entity.js';
import { toNoticeEntry } from './notice.mapper.js';

/** The most rows a list gives. */
const LIST_LIMIT = 1_000;

const { key } = gatewayStream.entries.notice;

export type NoticeChange = Partial<Pick<NoticeRow, 'message' | 'endsAt'>>;

/** Notices, in the table and in the gateways' stream. */
@Injectable()
export class NoticeRepository {
  constructor(private readonly database: Database) {}

  /** Those that begin last first. */
  list(): Promise<NoticeRow[]> {
    return this.rows().find({ order: { startsAt: 'DESC', id: 'DESC' }, take: LIST_LIMIT });
  }

  find(id: string): Promise<NoticeRow | null> {
    return this.rows().findOneBy({ id });
  }

  countOpen(at: Date): Promise<number> {
    return this.rows().countBy({ endsAt: MoreThan(at) });
  }

  /** @returns where in the gateways' stream the change stands */
  async add(row: NoticeRow, audit: AuditCommand): Promise<{ seq: number }> {
    const { seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      await transaction.manager.insert(NoticeRow, row);
      transaction.put(key(row.id), toNoticeEntry(row));
      recordAudit(transaction, audit);
    });
    return { seq: seq! };
  }

  /**
   * Changes the notice to what `change` makes of it, unless that throws. It is locked meanwhile.
   * @returns undefined where there is none
   */
  async change(
    id: string,
    change: (row: NoticeRow) => NoticeChange,
    audit: AuditCommand,
  ): Promise<{ row: NoticeRow; seq: number } | undefined> {
    const { result, seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const { manager } = transaction;
      const row = await manager.findOne(NoticeRow, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (row === null) return undefined;
      const wanted = change(row);
      await manager.update(NoticeRow, { id }, wanted);
      const changed = Object.assign(row, wanted);
      transaction.put(key(id), toNoticeEntry(changed));
      recordAudit(transaction, audit);
      return changed;
    });
    return result && { row: result, seq: seq! };
  }

  private rows() {
    return this.database.dataSource.getRepository(NoticeRow);
  }
}
