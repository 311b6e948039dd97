import { Injectable } from '@nestjs/common';
import { dataplaneStream, type DataplaneEntry } from '@signalbox/contracts/streams';
import type { StreamTransaction } from '@signalbox/persistence';
import type { EntityManager } from 'typeorm';

/** Of each dataplane. Messages are some seconds old at most, so that none of an earlier incarnation can arrive any more. */
export const INCARNATIONS_KEPT = 1_000;

/** A dataplane as it is stored, with the boot ids of its latest incarnations, the present one among them. */
export interface StoredDataplane {
  readonly entry: DataplaneEntry;
  readonly incarnations: readonly string[];
}

const SELECT = `
  SELECT entry, (SELECT coalesce(json_agg(boot_id), '[]') FROM incarnation WHERE dataplane = name) AS incarnations
  FROM dataplane WHERE $1::text IS NULL OR name = $1`;

/** The dataplanes that have ever reported and were not removed. */
@Injectable()
export class DataplaneRepository {
  /** All changes that concern one dataplane are made one after the other. */
  async lock(transaction: StreamTransaction, name: string): Promise<void> {
    await transaction.lock(`dataplane ${name}`);
  }

  all(manager: EntityManager): Promise<StoredDataplane[]> {
    return manager.query<StoredDataplane[]>(SELECT, [null]);
  }

  async find(manager: EntityManager, name: string): Promise<DataplaneEntry | undefined> {
    const rows = await manager.query<{ entry: DataplaneEntry }[]>('SELECT entry FROM dataplane WHERE name = $1', [
      name,
    ]);
    return rows[0]?.entry;
  }

  async findStored(manager: EntityManager, name: string): Promise<StoredDataplane | undefined> {
    return (await manager.query<StoredDataplane[]>(SELECT, [name]))[0];
  }

  async names(manager: EntityManager): Promise<string[]> {
    return (await manager.query<{ name: string }[]>('SELECT name FROM dataplane')).map(({ name }) => name);
  }

  /** With its incarnations. */
  async remove(transaction: StreamTransaction, name: string): Promise<void> {
    await transaction.manager.query('DELETE FROM dataplane WHERE name = $1', [name]);
    transaction.remove(dataplaneStream.entries.dataplane.key(name));
  }

  /** Stores a dataplane and its present incarnation. */
  async put(transaction: StreamTransaction, entry: DataplaneEntry): Promise<void> {
    const { manager } = transaction;
    await manager.query(
      'INSERT INTO dataplane (name, entry) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET entry = excluded.entry',
      [entry.name, entry],
    );
    await manager.query('INSERT INTO incarnation (dataplane, boot_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      entry.name,
      entry.boot_id,
    ]);
    await manager.query(
      `DELETE FROM incarnation WHERE dataplane = $1 AND boot_id IN
       (SELECT boot_id FROM incarnation WHERE dataplane = $1 ORDER BY first_received_at DESC OFFSET $2)`,
      [entry.name, INCARNATIONS_KEPT],
    );
    transaction.put(dataplaneStream.entries.dataplane.key(entry.name), entry);
  }
}
