import { Injectable } from '@nestjs/common';
import { dataplaneStream, RESTART_ENDS, type RestartEntry } from '@signalbox/contracts/streams';
import type { EntityManager } from 'typeorm';
import { CommandTable } from '../commands/command-table.js';

/** The restarts, and the Idempotency-Keys that name them. */
@Injectable()
export class RestartRepository extends CommandTable<RestartEntry> {
  constructor() {
    super({ table: 'restart', keyOf: dataplaneStream.entries.restart.key, ends: RESTART_ENDS });
  }

  /** The restart that an Idempotency-Key names, and the request that came with it; a key is forgotten after a day. */
  async findByKey(
    manager: EntityManager,
    key: string,
  ): Promise<{ restart: RestartEntry; request: unknown } | undefined> {
    await manager.query(`DELETE FROM idempotency WHERE created_at < now() - interval '1 day'`);
    const rows = await manager.query<{ restart: RestartEntry; request: unknown }[]>(
      'SELECT entry AS restart, request FROM idempotency JOIN restart ON restart.id = idempotency.restart WHERE key = $1',
      [key],
    );
    return rows[0];
  }

  async putKey(
    manager: EntityManager,
    { key, restart, request }: { key: string; restart: RestartEntry; request: object },
  ): Promise<void> {
    await manager.query('INSERT INTO idempotency (key, restart, request) VALUES ($1, $2, $3)', [
      key,
      restart.id,
      request,
    ]);
  }
}
