import { Injectable } from '@nestjs/common';
import type { AuditCommand, AuditEntry, AuditRequest } from '@signalbox/contracts/messages';
import { Database } from '@signalbox/persistence';
import type { EntityManager } from 'typeorm';

const PAGE = `
  SELECT number::float8, round(extract(epoch FROM at) * 1000)::float8 AS at, action, resource, key_id, address, request_id, result, detail
  FROM audit WHERE $1::bigint IS NULL OR number < $1 ORDER BY number DESC LIMIT $2`;

/** The append-only audit log of control actions. */
@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  /** Adds an action, each action of each request once. Numbers have no gaps. */
  async add(
    manager: EntityManager,
    { at, action, resource, key_id, address, request_id, result, detail }: AuditCommand,
  ): Promise<void> {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('audit', 0))`);
    await manager.query(
      `INSERT INTO audit (number, at, action, resource, key_id, address, request_id, result, detail)
       SELECT (SELECT coalesce(max(number), 0) + 1 FROM audit), to_timestamp($1 / 1000.0), $2, $3, $4, $5, $6, $7, $8
       WHERE NOT EXISTS (SELECT FROM audit WHERE request_id = $6 AND action = $2)`,
      [at, action, resource, key_id, address, request_id, result, detail],
    );
  }

  /** A page of the log, the newest first. */
  page({ before, limit }: AuditRequest): Promise<AuditEntry[]> {
    return this.database.dataSource.manager.query<AuditEntry[]>(PAGE, [before, limit]);
  }
}
