import type { Clock } from '@signalbox/platform';
import type { SyncProcess } from '../process/sync-process.js';
import type { Assignments } from './assignments.js';
import { balance } from './fair-share.rules.js';
import type { HeldMap } from './held.js';
import type { HeldRow, LeaseRepository } from './lease.repository.js';
import type { LeaseMetrics } from './leases.metrics.js';
import { isGone } from './task.rules.js';

/** Taken in one statement. */
const TAKEN_AT_ONCE = 500;
const READ_AT_ONCE = 500;
/** Given back in one turn: so much work ends at once. */
const GIVEN_BACK_AT_ONCE = 200;
/** At a change of a datasource the shares are not counted more often. */
const BALANCE_MS = 500;

export interface ShareParts {
  readonly held: HeldMap;
  readonly repository: LeaseRepository;
  readonly own: SyncProcess;
  readonly assignments: Assignments;
  readonly metrics: LeaseMetrics;
  readonly clock: Clock;
}

/** Keeps what is held equal to the rows of this process, and those equal to its share of all datasources. */
export class Share {
  private balancedAt = -Infinity;
  /** A statement failed: it may have been executed, and rows may be held, or seen as unchanged, that were not read. */
  private isUncertain = false;

  constructor(private readonly parts: ShareParts) {}

  /** @throws where the database cannot be used; what was not done is done by the next call */
  async keep(process: string): Promise<void> {
    if (this.isUncertain) await this.parts.repository.markChanged(process);
    this.isUncertain = true;
    await this.freeLeft(process);
    await this.readChanged(process);
    if (this.parts.clock.monotonic() - this.balancedAt >= BALANCE_MS) await this.balance(process);
    this.isUncertain = false;
  }

  private async readChanged(process: string): Promise<void> {
    for (;;) {
      const rows = await this.parts.repository.readChanged(process, READ_AT_ONCE);
      for (const row of rows) this.see(row);
      if (rows.length < READ_AT_ONCE) return;
    }
  }

  private async balance(process: string): Promise<void> {
    const { held, repository, own, metrics, clock } = this.parts;
    this.balancedAt = clock.monotonic();
    const staying = held.staying();
    const { take, giveBack } = balance({ ...(await repository.count()), held: staying.length });
    for (let missing = take; missing > 0 && own.current() === process;) {
      const rows = await repository.take(process, Math.min(missing, TAKEN_AT_ONCE));
      if (rows.length === 0) break;
      metrics.taken(rows.length);
      for (const row of rows) this.see(row);
      missing -= rows.length;
      await own.renew();
    }
    for (const id of staying.slice(0, Math.min(giveBack, GIVEN_BACK_AT_ONCE))) held.leave(id);
    await this.freeLeft(process);
  }

  private see(row: HeldRow): void {
    const { held, assignments } = this.parts;
    if (held.get(row.id)?.isLeaving === true) return;
    if (isGone(row)) held.leave(row.id);
    else held.put(row, assignments.openable(row));
  }

  private async freeLeft(process: string): Promise<void> {
    const { held, repository } = this.parts;
    const ids = held.left();
    await repository.free(process, ids);
    for (const id of ids) held.remove(id);
  }
}
