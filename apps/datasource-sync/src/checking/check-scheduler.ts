import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, describeError, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import type { Held } from '../leases/held.js';
import type { HeldRow } from '../leases/lease.repository.js';
import { Leases } from '../leases/leases.js';
import { CheckQueue } from './check-queue.js';
import { CheckRunner } from './check-runner.js';

/** After an outcome that could not be stored. */
const RETRY_MS = 5_000;

/** A check that waits, for its time or for a place. */
interface Planned {
  readonly row: HeldRow;
  readonly cancelTimer: () => void;
}

/** Runs the checks of the datasources that this process holds when they are due: few at once, each datasource's one at a time. */
@Injectable()
export class CheckScheduler implements OnModuleDestroy {
  private readonly planned = new Map<string, Planned>();
  /** The kinds share no places: databases that are silent delay no endpoint. */
  private readonly queues = { direct: new CheckQueue<HeldRow>(), endpoint: new CheckQueue<HeldRow>() };
  private isStopped = false;

  constructor(
    private readonly leases: Leases,
    private readonly runner: CheckRunner,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    leases.onRow((row, assignment) => {
      // One that is followed, and whose credentials cannot be opened, is not: a check says so.
      const isUnreadable = assignment === undefined && row.status === 'active' && !row.is_deleting;
      this.plan(row, isUnreadable ? row.read_at : row.check_due_at);
    });
    leases.onReleased((id) => this.cancel(id));
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    for (const id of this.planned.keys()) this.cancel(id);
  }

  private plan(row: HeldRow, due: Date | null): void {
    this.cancel(row.id);
    if (due === null || this.isStopped) return;
    const start = (): void => {
      this.planned.set(row.id, { row, cancelTimer: () => undefined });
      this.queues[row.connection].add(row);
      this.begin(row.connection);
    };
    const delay = due.getTime() - row.read_at.getTime();
    if (delay <= 0) return start();
    const cancelTimer = this.clock.schedule(delay, start, { background: true });
    this.planned.set(row.id, { row, cancelTimer });
  }

  private cancel(id: string): void {
    const planned = this.planned.get(id);
    if (planned === undefined) return;
    this.planned.delete(id);
    planned.cancelTimer();
    this.queues[planned.row.connection].remove(planned.row);
  }

  private begin(kind: HeldRow['connection']): void {
    const queue = this.queues[kind];
    for (let row = queue.next(); row !== undefined; row = queue.next()) {
      this.planned.delete(row.id);
      const held = this.leases.find(row.id);
      if (held === undefined) queue.ended(row.id);
      else void this.run(row, held);
    }
  }

  private async run(row: HeldRow, held: Held): Promise<void> {
    try {
      await this.runner.run(row, held);
    } catch (error) {
      this.logger.warn({ datasource: row.id, reason: describeError(error) }, 'outcome of a check not stored, retrying');
      if (!this.planned.has(row.id)) this.plan({ ...row, read_at: new Date(0) }, new Date(RETRY_MS));
    } finally {
      this.queues[row.connection].ended(row.id);
      this.begin(row.connection);
    }
  }
}
