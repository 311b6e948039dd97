import { Injectable } from '@nestjs/common';
import { brokerKeyKind } from '@signalbox/contracts/http';
import type { AuditCommand } from '@signalbox/contracts/messages';
import { gatewayStream } from '@signalbox/contracts/streams';
import { recordAudit } from '@signalbox/nest-service';
import { Database, type StreamTransaction } from '@signalbox/persistence';
import { IsNull, MoreThan } from 'typeorm';
import { ApiKeyRow } from './api-key.entity.js';
import { toApiKeyEntry } from './api-key.mapper.js';
import type { Written } from './written.js';

/** The most rows a list gives. */
const LIST_LIMIT = 1_000;

/** Locks the rows in one order for all processes, so that no two of them wait for each other. */
const MARK_USED = `
  WITH used AS (
    SELECT * FROM unnest($1::text[], $2::timestamptz[]) AS used (id, at)
  ), locked AS MATERIALIZED (
    SELECT id FROM api_key JOIN used USING (id) ORDER BY id FOR NO KEY UPDATE OF api_key
  )
  UPDATE api_key SET last_used_at = greatest(last_used_at, used.at)
  FROM used JOIN locked USING (id)
  WHERE api_key.id = used.id`;

const ENDED_BROKER_KEYS = `
  SELECT id FROM (SELECT id, kind, least(revoked_at, expires_at) AS ended_at FROM api_key) AS key
  WHERE kind = ANY ($1) AND ended_at BETWEEN $2 AND now()
  ORDER BY ended_at DESC LIMIT $3`;

interface RevocationOptions {
  /** Throws where the key must not be revoked. */
  readonly forbid: (key: ApiKeyRow, activeAdmins: ApiKeyRow[]) => void;
  readonly audit: (revoked: ApiKeyRow) => AuditCommand;
}

interface RotationOptions {
  /** Throws where there is no room for one more than these valid keys. */
  readonly demandRoom: (valid: number) => void;
  /** Makes the other key, or throws. */
  readonly succeed: (replaced: ApiKeyRow) => ApiKeyRow;
  readonly audit: (successor: ApiKeyRow) => AuditCommand;
}

@Injectable()
export class ApiKeyRepository {
  constructor(private readonly database: Database) {}

  /** Those that are not revoked before the others, the newest first. */
  list(): Promise<ApiKeyRow[]> {
    const order = { revokedAt: { direction: 'DESC', nulls: 'FIRST' }, createdAt: 'DESC', id: 'DESC' } as const;
    return this.rows().find({ order, take: LIST_LIMIT });
  }

  findBySha256(sha256: string): Promise<ApiKeyRow | null> {
    return this.rows().findOneBy({ sha256 });
  }

  find(id: string): Promise<ApiKeyRow | null> {
    return this.rows().findOneBy({ id });
  }

  /** Adds the key to the table and to the stream, in one transaction, unless `demandRoom` throws. */
  async add(row: ApiKeyRow, audit: AuditCommand, demandRoom: RotationOptions['demandRoom']): Promise<Written> {
    const { seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      demandRoom(await countValid(transaction));
      await transaction.manager.insert(ApiKeyRow, row);
      transaction.put(gatewayStream.entries.key.key(row.id), toApiKeyEntry(row));
      recordAudit(transaction, audit);
    });
    return { seq: seq! };
  }

  /** Likewise, unless the key is known by now: of several processes that start at once one adds it. @returns whether this one did */
  async addUnlessKnown(row: ApiKeyRow, audit: AuditCommand): Promise<boolean> {
    const { result: isNew } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const { raw } = (await transaction.manager
        .createQueryBuilder()
        .insert()
        .into(ApiKeyRow)
        .values(row)
        .orIgnore()
        .returning('id')
        .execute()) as { raw: unknown[] };
      if (raw.length === 0) return false;
      transaction.put(gatewayStream.entries.key.key(row.id), toApiKeyEntry(row));
      recordAudit(transaction, audit);
      return true;
    });
    return isNew;
  }

  /**
   * Revokes the key in the table and in the stream, in one transaction, unless `forbid` throws. Active admin keys are
   * locked meanwhile, so that of two revocations the second one sees the first.
   */
  async revoke(id: string, at: Date, { forbid, audit }: RevocationOptions): Promise<Written | undefined> {
    const { seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const { manager } = transaction;
      // In the order of MARK_USED.
      const locked = await manager.find(ApiKeyRow, {
        where: [
          { role: 'admin', revokedAt: IsNull() },
          { id, revokedAt: IsNull() },
        ],
        order: { id: 'ASC' },
        lock: { mode: 'pessimistic_write' },
      });
      const row = locked.find((each) => each.id === id);
      if (row === undefined) return;
      forbid(
        row,
        locked.filter(({ role }) => role === 'admin'),
      );
      await manager.update(ApiKeyRow, { id }, { revokedAt: at });
      transaction.remove(gatewayStream.entries.key.key(id));
      recordAudit(transaction, audit(row));
    });
    return seq === undefined ? undefined : { seq };
  }

  /**
   * Adds the key that replaces this one, which ends at `endsAt` unless it does earlier, in the table and in the stream, in one transaction.
   * @returns undefined where there is no such key
   */
  async rotate(
    id: string,
    endsAt: Date,
    { demandRoom, succeed, audit }: RotationOptions,
  ): Promise<Written | undefined> {
    const { seq } = await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
      const { manager } = transaction;
      demandRoom(await countValid(transaction));
      const replaced = await manager.findOne(ApiKeyRow, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (replaced === null) return;
      const successor = succeed(replaced);
      const end = replaced.expiresAt !== null && replaced.expiresAt < endsAt ? replaced.expiresAt : endsAt;
      const change = { expiresAt: end, rotatedTo: successor.id };
      await manager.insert(ApiKeyRow, successor);
      await manager.update(ApiKeyRow, { id }, change);
      for (const row of [successor, Object.assign(replaced, change)])
        transaction.put(gatewayStream.entries.key.key(row.id), toApiKeyEntry(row));
      recordAudit(transaction, audit(successor));
    });
    return seq === undefined ? undefined : { seq };
  }

  /** Ids of keys for logins at the broker that were revoked or expired after this time, the last ones first. */
  async endedBrokerKeys({ since, most }: { since: Date; most: number }): Promise<string[]> {
    const rows = await this.database.dataSource.query<{ id: string }[]>(ENDED_BROKER_KEYS, [
      brokerKeyKind.options,
      since.toISOString(),
      most,
    ]);
    return rows.map(({ id }) => id);
  }

  /** @param used Unix ms by key */
  async markUsed(used: ReadonlyMap<string, number>): Promise<void> {
    const times = [...used.values()].map((at) => new Date(at).toISOString());
    await this.database.dataSource.query(MARK_USED, [[...used.keys()], times]);
  }

  private rows() {
    return this.database.dataSource.getRepository(ApiKeyRow);
  }
}

/** Those that are neither revoked nor expired. Transactions that count them wait for each other, so that none passes a limit with another. */
async function countValid(transaction: StreamTransaction): Promise<number> {
  await transaction.lock('gateway count of keys');
  const revokedAt = IsNull();
  return transaction.manager.countBy(ApiKeyRow, [
    { revokedAt, expiresAt: IsNull() },
    { revokedAt, expiresAt: MoreThan(new Date()) },
  ]);
}
