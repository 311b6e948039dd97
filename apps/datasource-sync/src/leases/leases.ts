import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, describeError, LOGGER, NotOpenable, wait, type Clock, type Logger } from '@signalbox/platform';
import { LEASE_TIMES, type LeaseTimes } from '../process/lease-times.js';
import { SyncProcess } from '../process/sync-process.js';
import type { Assignment } from '../work/assignment.js';
import type { HeldDatasources } from '../work/held-datasources.js';
import { Assignments } from './assignments.js';
import { ChangeListener } from './change-listener.js';
import { balance } from './fair-share.rules.js';
import { HeldMap, type Held } from './held.js';
import { LeaseRepository, type HeldRow } from './lease.repository.js';
import { LeaseMetrics } from './leases.metrics.js';

/** Taken in one statement. */
const TAKEN_AT_ONCE = 500;
/** Given back in one turn: so much work ends at once. */
const GIVEN_BACK_AT_ONCE = 200;
/** A stopping process waits so long for its work to end. */
const STOP_PATIENCE_MS = 5_000;
/** At a change of a datasource the shares are not counted more often. */
const BALANCE_MS = 500;

/**
 * Holds this process's share of all datasources. A turn renews the process, reads what changed, and takes or gives back what differs from
 * its share; it runs each second and whenever something changed.
 */
@Injectable()
export class Leases implements HeldDatasources, OnApplicationBootstrap, OnModuleDestroy {
  private readonly held = new HeldMap();
  private readonly rowListeners: ((row: HeldRow, assignment: Assignment | undefined) => void)[] = [];
  private readonly stopping = new AbortController();
  private turns: Promise<void> = Promise.resolve();
  private isTurnPlanned = false;
  private cancelTimer = (): void => undefined;
  private cancelExpiry = (): void => undefined;
  private process: string | null = null;
  private balancedAt = -Infinity;
  private hasFailed = false;
  private readonly ended = new Set<string>();

  constructor(
    private readonly repository: LeaseRepository,
    private readonly own: SyncProcess,
    private readonly assignments: Assignments,
    private readonly changes: ChangeListener,
    private readonly metrics: LeaseMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(LEASE_TIMES) private readonly times: LeaseTimes,
  ) {
    metrics.showHeld(() => this.held.size);
  }

  onAssigned(listener: (assignment: Assignment) => void): void {
    this.held.onAssigned(listener);
  }

  onReleased(listener: (id: string) => void): void {
    this.held.onReleased(listener);
  }

  /** Each row as it was taken or changed; without an assignment where its credentials cannot be opened. */
  onRow(listener: (row: HeldRow, assignment: Assignment | undefined) => void): void {
    this.rowListeners.push(listener);
  }

  current(): Assignment[] {
    return this.held.assignments();
  }

  isHeld(id: string, fence: number): boolean {
    return this.process !== null && this.own.current() === this.process && this.held.get(id)?.fence === fence;
  }

  /** Undefined for what is not held any more, or is being given back. */
  find(id: string): Held | undefined {
    const held = this.held.get(id);
    return held !== undefined && !held.isLeaving && this.isHeld(id, held.fence) ? held : undefined;
  }

  /** The work on a datasource has ended, as it was asked. @returns whether it ended for the task `release` */
  endedWork(id: string, fence: number): boolean {
    const held = this.held.get(id);
    if (held === undefined || held.fence !== fence) return false;
    if (!held.isLeaving) return held.assignment?.task === 'release' && this.isHeld(id, fence);
    this.ended.add(id);
    this.wake();
    return false;
  }

  /** The row of a datasource is deleted. */
  forget(id: string): void {
    this.held.remove(id);
  }

  onApplicationBootstrap(): void {
    this.changes.start(() => this.wake());
    this.wake();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    this.cancelTimer();
    await this.turns;
    for (const id of this.held.staying()) this.leave(id);
    const until = this.clock.monotonic() + STOP_PATIENCE_MS;
    while (this.held.size > this.ended.size && this.clock.monotonic() < until && this.own.current() !== null) {
      await this.own.renew().catch(() => undefined);
      await wait({ clock: this.clock, ms: 20 });
    }
    this.cancelExpiry();
    await this.giveUpAll();
    await this.changes.stop();
  }

  /** Runs a turn as soon as the one in progress has ended. */
  wake(): void {
    if (this.isTurnPlanned || this.stopping.signal.aborted) return;
    this.isTurnPlanned = true;
    this.turns = this.turns.then(() => this.turn());
  }

  private async turn(): Promise<void> {
    this.isTurnPlanned = false;
    this.cancelTimer();
    if (this.stopping.signal.aborted) return;
    try {
      await this.runTurn();
      if (this.hasFailed) this.logger.info('leases of datasources are kept again');
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed)
        this.logger.warn({ reason: describeError(error) }, 'leases of datasources not kept, retrying');
      this.hasFailed = true;
    }
    this.dropExpired();
    this.cancelTimer = this.clock.schedule(this.times.lookMs, () => this.wake());
  }

  private async runTurn(): Promise<void> {
    await this.own.renew();
    this.dropExpired();
    const process = (this.process = this.own.current());
    if (process === null) return;
    this.watchExpiry();
    await this.freeEnded(process);
    for (const row of await this.repository.readChanged(process)) this.see(row);
    if (this.clock.monotonic() - this.balancedAt < Math.min(BALANCE_MS, this.times.lookMs)) return;
    this.balancedAt = this.clock.monotonic();
    await this.balance(process);
  }

  private async balance(process: string): Promise<void> {
    const staying = this.held.staying();
    const { take, giveBack } = balance({ ...(await this.repository.count()), held: staying.length });
    for (let left = take; left > 0 && this.own.current() === process;) {
      const rows = await this.repository.take(process, Math.min(left, TAKEN_AT_ONCE));
      if (rows.length === 0) break;
      this.metrics.taken(rows.length);
      for (const row of rows) this.see(row);
      left -= rows.length;
      await this.own.renew();
    }
    for (const id of staying.slice(0, Math.min(giveBack, GIVEN_BACK_AT_ONCE))) this.leave(id);
    await this.freeEnded(process);
  }

  private see(row: HeldRow): void {
    if (this.held.get(row.id)?.isLeaving === true) return;
    const assignment = this.assignmentOf(row);
    this.held.put(row, assignment);
    for (const listener of this.rowListeners) listener(row, assignment);
  }

  private assignmentOf(row: HeldRow): Assignment | undefined {
    try {
      return this.assignments.of(row, row.read_at.getTime());
    } catch (error) {
      if (!(error instanceof NotOpenable)) throw error;
      this.logger.error({ datasource: row.id, reason: error.message }, 'credentials of a datasource cannot be opened');
      return undefined;
    }
  }

  private leave(id: string): void {
    if (!this.held.leave(id)) this.ended.add(id);
  }

  private async freeEnded(process: string): Promise<void> {
    const ids = [...this.ended];
    await this.repository.free(process, ids);
    for (const id of ids) {
      this.ended.delete(id);
      this.held.remove(id);
    }
  }

  /** A process that could not renew its lease in time ends all its work: others may have taken it. */
  private dropExpired(): void {
    if (this.process === null || this.own.current() === this.process) return;
    this.logger.warn(
      { datasources: this.held.size },
      'the lease of this process ended, work on datasources is stopped',
    );
    this.process = null;
    this.ended.clear();
    this.held.clear();
  }

  private watchExpiry(): void {
    this.cancelExpiry();
    const { validMs, renewMs } = this.times;
    this.cancelExpiry = this.clock.schedule(validMs - renewMs, () => {
      this.dropExpired();
      if (this.process !== null) this.watchExpiry();
    });
  }

  private async giveUpAll(): Promise<void> {
    const { process } = this;
    const ids = [...this.held.staying(), ...this.ended];
    this.process = null;
    this.held.clear();
    try {
      if (process !== null) await this.repository.free(process, ids);
      await this.own.end();
    } catch (error) {
      this.logger.warn(
        { reason: describeError(error) },
        'leases of datasources not given back, others take them when they end',
      );
    }
  }
}
