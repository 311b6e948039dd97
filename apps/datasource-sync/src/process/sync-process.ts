import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { LEASE_TIMES, type LeaseTimes } from './lease-times.js';

const BEGIN = `INSERT INTO sync_process (id, expires_at) VALUES ($1, now() + $2 * interval '1 ms')`;

const RENEW = `
  WITH renewed AS (
    UPDATE sync_process SET expires_at = now() + $2 * interval '1 ms' WHERE id = $1 AND expires_at > now() RETURNING 1
  ) SELECT 1 FROM renewed`;

/** Rows of processes that ended without a word. */
const REMOVE_OLD = `DELETE FROM sync_process WHERE expires_at < now() - interval '1 minute'`;

/**
 * This process as the others know it: the row in `sync_process` by which it holds datasources. One that could not renew its row in
 * time holds nothing any more, and begins under another id.
 */
@Injectable()
export class SyncProcess {
  private lease: { readonly id: string; readonly until: number; readonly renewedAt: number } | undefined;

  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LEASE_TIMES) private readonly times: LeaseTimes,
  ) {}

  /** The id under which it holds datasources; null as soon as another process may take them. */
  current(): string | null {
    return this.lease !== undefined && this.clock.monotonic() < this.lease.until ? this.lease.id : null;
  }

  /** Until `current` is null, where the row is not renewed. */
  remainingMs(): number {
    return Math.max(0, (this.lease?.until ?? 0) - this.clock.monotonic());
  }

  /** Renews the row if that is due. @throws where it is not known to be renewed */
  async renew(): Promise<void> {
    const known = this.current();
    const sentAt = this.clock.monotonic();
    if (known !== null && sentAt - this.lease!.renewedAt < this.times.renewMs) return;
    const { manager } = this.database.dataSource;
    const id = known ?? randomUUID();
    if (known === null) {
      await manager.query(REMOVE_OLD);
      await manager.query(BEGIN, [id, this.times.validMs]);
    } else {
      const renewed = await manager.query<unknown[]>(RENEW, [id, this.times.validMs]);
      if (renewed.length === 0 || this.current() !== id) {
        this.lease = undefined;
        throw new Error('the lease ended before it was renewed');
      }
    }
    this.lease = { id, renewedAt: sentAt, until: sentAt + this.times.validMs - this.times.marginMs };
  }

  /** Lets others take at once what it holds. */
  async end(): Promise<void> {
    const id = this.lease?.id;
    this.lease = undefined;
    if (id !== undefined) await this.database.dataSource.query('DELETE FROM sync_process WHERE id = $1', [id]);
  }
}
