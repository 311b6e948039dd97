import { Injectable } from '@nestjs/common';
import { apiKeyKey, streams, type ApiKeyEntry } from '@signalbox/contracts/streams';
import { appendToStream, Database, type Query } from '@signalbox/persistence';
import { IsNull, type EntityManager } from 'typeorm';
import { ApiKeyRow } from './api-key.entity.js';
import { toApiKeyEntry } from './api-key.mapper.js';

/** The most rows a list gives. */
const LIST_LIMIT = 1_000;

/** Where in the gateways' stream a change stands. */
export interface Written {
  seq: number;
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

  countActive(): Promise<number> {
    return this.rows().countBy({ revokedAt: IsNull() });
  }

  /** Adds the key and tells all gateways, in one transaction. */
  add(row: ApiKeyRow): Promise<Written> {
    return this.database.transaction(async (manager) => {
      await manager.insert(ApiKeyRow, row);
      return append(manager, row.id, toApiKeyEntry(row));
    });
  }

  /** Likewise, unless the key is known by now: of several processes that start at once one adds it. @returns whether this one did */
  addUnlessKnown(row: ApiKeyRow): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const { raw } = (await manager
        .createQueryBuilder()
        .insert()
        .into(ApiKeyRow)
        .values(row)
        .orIgnore()
        .returning('id')
        .execute()) as { raw: unknown[] };
      if (raw.length === 0) return false;
      await append(manager, row.id, toApiKeyEntry(row));
      return true;
    });
  }

  /**
   * Revokes the key and tells all gateways, in one transaction, unless `forbid` objects to it. Active admin keys are
   * locked meanwhile, so that of two revocations the second one sees the first.
   */
  revoke(
    id: string,
    at: Date,
    forbid: (key: ApiKeyRow, activeAdmins: ApiKeyRow[]) => void,
  ): Promise<Written | undefined> {
    return this.database.transaction(async (manager) => {
      const admins = await manager.find(ApiKeyRow, {
        where: { role: 'admin', revokedAt: IsNull() },
        order: { id: 'ASC' },
        lock: { mode: 'pessimistic_write' },
      });
      const row = await manager.findOne(ApiKeyRow, {
        where: { id, revokedAt: IsNull() },
        lock: { mode: 'pessimistic_write' },
      });
      if (row === null) return undefined;
      forbid(row, admins);
      await manager.update(ApiKeyRow, { id }, { revokedAt: at });
      return append(manager, id, null);
    });
  }

  private rows() {
    return this.database.dataSource.getRepository(ApiKeyRow);
  }
}

function append(manager: EntityManager, id: string, value: ApiKeyEntry | null): Promise<Written> {
  return appendToStream(manager, streams.gateway, [{ key: apiKeyKey(id), value }]);
}

/** The whole content of the gateways' stream. */
export async function loadGatewayStream(query: Query): Promise<[string, ApiKeyEntry][]> {
  const rows = await query<ApiKeyEntry>(`
    SELECT id, name, role, mode, sha256, (extract(epoch FROM expires_at) * 1000)::float8 AS expires_at
    FROM api_key WHERE revoked_at IS NULL`);
  return rows.map((entry) => [apiKeyKey(entry.id), entry]);
}
