import { Injectable } from '@nestjs/common';
import type { AuditCommand } from '@signalbox/contracts/messages';
import { gatewayStream } from '@signalbox/contracts/streams';
import { recordAudit } from '@signalbox/nest-service';
import { Database, type StreamTransaction } from '@signalbox/persistence';
import { In } from 'typeorm';
import { SessionRow } from './session.entity.js';
import { toSessionEntry } from './session.mapper.js';

const { key } = gatewayStream.entries.session;

/** The most rows a list gives. */
const LIST_LIMIT = 1_000;

export interface SessionBounds {
  readonly inAll: number;
  readonly ofOnePerson: number;
}

/** When a session ends unless it is used again. */
export interface Renewal {
  readonly id: string;
  readonly idleExpiresAt: Date;
}

const RENEW = `
  UPDATE session SET idle_expires_at = greatest(session.idle_expires_at, least(renewed.idle_expires_at, session.expires_at))
  FROM unnest($1::text[], $2::timestamptz[]) AS renewed (id, idle_expires_at)
  WHERE session.id = renewed.id`;

/** Sessions, in the table and in the gateways' stream. */
@Injectable()
export class SessionRepository {
  constructor(private readonly database: Database) {}

  /**
   * Adds the session. It takes the place of the oldest ones of the same person where these are too many.
   * @returns where in the gateways' stream it stands; undefined: there are too many sessions in all, and it was not added
   */
  async add(
    row: SessionRow,
    { inAll, ofOnePerson }: SessionBounds,
    audit: AuditCommand,
  ): Promise<{ seq: number } | undefined> {
    const { seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const { manager } = transaction;
      // Of two at once the second one counts the first.
      await transaction.lock('gateway sessions');
      const older = await manager.find(SessionRow, {
        where: { person: row.person },
        order: { createdAt: 'DESC', id: 'DESC' },
        skip: ofOnePerson - 1,
      });
      await remove(transaction, older);
      if ((await manager.count(SessionRow)) >= inAll) return;
      await manager.insert(SessionRow, row);
      transaction.put(key(row.id), toSessionEntry(row));
      recordAudit(transaction, audit);
    });
    return seq === undefined ? undefined : { seq };
  }

  /** The newest first. */
  list(): Promise<SessionRow[]> {
    const order = { createdAt: 'DESC', id: 'DESC' } as const;
    return this.database.dataSource.getRepository(SessionRow).find({ order, take: LIST_LIMIT });
  }

  find(id: string): Promise<SessionRow | null> {
    return this.database.dataSource.getRepository(SessionRow).findOneBy({ id });
  }

  /** @returns where in the gateways' stream the end stands; undefined: the session has ended before */
  async end(id: string, audit: AuditCommand): Promise<{ seq: number } | undefined> {
    const { seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const rows = await transaction.manager.findBy(SessionRow, { id });
      await remove(transaction, rows);
      if (rows.length > 0) recordAudit(transaction, audit);
    });
    return seq === undefined ? undefined : { seq };
  }

  /** Makes the idle end of sessions later, never earlier, and never later than their absolute end. */
  async renew(renewals: readonly Renewal[]): Promise<void> {
    const ids = renewals.map(({ id }) => id);
    const times = renewals.map(({ idleExpiresAt }) => idleExpiresAt.toISOString());
    await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      // In one order on all processes, so that no two wait for each other.
      await transaction.lock('gateway sessions');
      await transaction.manager.query(RENEW, [ids, times]);
      const rows = await transaction.manager.findBy(SessionRow, { id: In(ids) });
      for (const row of rows) transaction.put(key(row.id), toSessionEntry(row));
    });
  }

  /** Deletes the sessions that are over. */
  async deleteExpired(at: Date): Promise<void> {
    await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      await transaction.lock('gateway sessions');
      const rows = await transaction.manager
        .createQueryBuilder(SessionRow, 'session')
        .where('session.expires_at <= :at OR session.idle_expires_at <= :at', { at })
        .getMany();
      await remove(transaction, rows);
    });
  }
}

async function remove(transaction: StreamTransaction, rows: readonly SessionRow[]): Promise<void> {
  if (rows.length === 0) return;
  await transaction.manager.delete(SessionRow, { id: In(rows.map(({ id }) => id)) });
  for (const { id } of rows) transaction.remove(key(id));
}
