import type { DataSource, EntityManager } from 'typeorm';
import type { DatabaseProbe, DatabaseStatus } from './database-probe.js';

/** A service's database: its schema, migrated, behind a pool of connections. */
export class Database {
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    /** For repositories and queries outside a transaction. */
    readonly dataSource: DataSource,
    private readonly probe: DatabaseProbe,
  ) {}

  /** Whether the database answers, from memory: at most a few seconds old. */
  status(): DatabaseStatus {
    return this.probe.current();
  }

  /** Commits when `work` resolves and rolls back when it rejects. What is done must go through the manager given to it. */
  async transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    const transaction = this.dataSource.transaction(work);
    this.running.add(transaction);
    try {
      return await transaction;
    } finally {
      this.running.delete(transaction);
    }
  }

  /** Waits for running transactions, which TypeORM would cut off, then closes the pool. */
  async close(): Promise<void> {
    this.probe.stop();
    await Promise.allSettled(this.running);
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
