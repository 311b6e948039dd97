import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, describeError, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import type { HeldRow } from '../leases/lease.repository.js';
import { Leases } from '../leases/leases.js';
import { CheckRunner } from './check-runner.js';

const AT_ONCE = 32;
/** After an outcome that could not be stored. */
const RETRY_MS = 5_000;

/** Runs the checks of the datasources that this process holds when they are due: few at once, each datasource's one at a time. */
@Injectable()
export class CheckScheduler implements OnModuleDestroy {
  private readonly timers = new Map<string, () => void>();
  private readonly waiting = new Map<string, HeldRow>();
  private readonly running = new Set<string>();
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
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    this.waiting.clear();
  }

  private plan(row: HeldRow, due: Date | null): void {
    this.cancel(row.id);
    if (due === null || this.isStopped) return;
    const start = (): void => {
      this.timers.delete(row.id);
      this.waiting.set(row.id, row);
      this.runWaiting();
    };
    const delay = due.getTime() - row.read_at.getTime();
    if (delay <= 0) start();
    else this.timers.set(row.id, this.clock.schedule(delay, start, { background: true }));
  }

  private cancel(id: string): void {
    this.timers.get(id)?.();
    this.timers.delete(id);
    this.waiting.delete(id);
  }

  private runWaiting(): void {
    for (const [id, row] of this.waiting) {
      if (this.running.size >= AT_ONCE) return;
      if (this.running.has(id)) continue;
      this.waiting.delete(id);
      void this.run(row);
    }
  }

  private async run(row: HeldRow): Promise<void> {
    const held = this.leases.find(row.id);
    if (held === undefined || this.isStopped) return;
    this.running.add(row.id);
    try {
      await this.runner.run(row, held);
    } catch (error) {
      this.logger.warn({ datasource: row.id, reason: describeError(error) }, 'outcome of a check not stored, retrying');
      if (!this.waiting.has(row.id) && !this.timers.has(row.id))
        this.plan({ ...row, read_at: new Date(0) }, new Date(RETRY_MS));
    } finally {
      this.running.delete(row.id);
      this.runWaiting();
    }
  }
}
