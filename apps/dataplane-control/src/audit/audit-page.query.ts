import { Injectable } from '@nestjs/common';
import type { AuditEntry, AuditRequest } from '@signalbox/contracts/messages';
import { Database } from '@signalbox/persistence';

const PAGE = `
  SELECT number::float8, round(extract(epoch FROM at) * 1000)::float8 AS at, action, resource, key_id, address, request_id, result, detail
  FROM audit WHERE $1::bigint IS NULL OR number < $1 ORDER BY number DESC LIMIT $2`;

/** A page of the audit log, the newest first. */
@Injectable()
export class AuditPageQuery {
  constructor(private readonly database: Database) {}

  async execute({ before, limit }: AuditRequest): Promise<AuditEntry[]> {
    return this.database.dataSource.manager.query<AuditEntry[]>(PAGE, [before, limit]);
  }
}
