import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, describeError, LOGGER, wait, type Clock, type Logger } from '@signalbox/platform';
import { LEASE_TIMES, type LeaseTimes } from '../process/lease-times.js';
import { SyncProcess } from '../process/sync-process.js';
import type { Assignment } from '../work/assignment.js';
import type { HeldDatasources } from '../work/held-datasources.js';
import { Assignments } from './assignments.js';
import { ChangeListener } from './change-listener.js';
import { HeldMap, type Held, type RowListener } from './held.js';
import { LeaseRepository } from './lease.repository.js';
import { LeaseMetrics } from './leases.metrics.js';
import { Share } from './share.js';
import { Turns } from './turns.js';

/** A stopping process waits so long for its work to end. */
const STOP_PATIENCE_MS = 5_000;

/**
 * Holds this process's share of all datasources while its row in `sync_process` is valid. A turn renews that, reads what changed, and takes
 * or gives back what differs from the share; it runs each second and whenever something changed.
 */
@Injectable()
export class Leases implements HeldDatasources, OnApplicationBootstrap, OnModuleDestroy {
  private readonly held = new HeldMap();
  private readonly share: Share;
  private readonly turns: Turns;
  private process: string | null = null;
  private hasFailed = false;
  private cancelExpiry = (): void => undefined;

  constructor(
    private readonly repository: LeaseRepository,
    private readonly own: SyncProcess,
    assignments: Assignments,
    private readonly changes: ChangeListener,
    metrics: LeaseMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(LEASE_TIMES) times: LeaseTimes,
  ) {
    this.share = new Share({ held: this.held, repository, own, assignments, metrics, clock });
    this.turns = new Turns({ clock, everyMs: times.lookMs, run: () => this.turn() });
    metrics.showHeld(() => this.held.size);
  }

  onAssigned(listener: (assignment: Assignment) => void): void {
    this.held.onAssigned(listener);
  }

  onReleased(listener: (id: string) => void): void {
    this.held.onReleased(listener);
  }

  /** Each row as it was taken or changed; without an assignment where its credentials cannot be opened. */
  onRow(listener: RowListener): void {
    this.held.onRow(listener);
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
    this.held.end(id);
    this.turns.wake();
    return false;
  }

  /** The row of a datasource is removed. */
  forget(id: string): void {
    this.held.drop(id);
  }

  onApplicationBootstrap(): void {
    this.changes.start(() => this.turns.wake());
    this.turns.wake();
  }

  async onModuleDestroy(): Promise<void> {
    await this.changes.stop();
    await this.turns.stop();
    for (const id of this.held.staying()) this.held.leave(id);
    const until = this.clock.monotonic() + STOP_PATIENCE_MS;
    while (this.held.isWorking && this.own.current() !== null && this.clock.monotonic() < until) {
      await this.own.renew().catch(() => undefined);
      await wait({ clock: this.clock, ms: 20 });
    }
    this.cancelExpiry();
    await this.giveUpAll();
  }

  private async turn(): Promise<void> {
    try {
      await this.keep();
      if (this.hasFailed) this.logger.info('leases of datasources are kept again');
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed)
        this.logger.warn({ reason: describeError(error) }, 'leases of datasources not kept, retrying');
      this.hasFailed = true;
    }
    this.dropExpired();
  }

  private async keep(): Promise<void> {
    await this.own.renew();
    this.dropExpired();
    this.process = this.own.current();
    if (this.process === null) return;
    this.watchExpiry();
    await this.share.keep(this.process);
  }

  /** A process that could not renew its lease in time ends all its work: others may have taken it. */
  private dropExpired(): void {
    if (this.process === null || this.own.current() === this.process) return;
    this.logger.warn(
      { datasources: this.held.size },
      'the lease of this process ended, work on datasources is stopped',
    );
    this.process = null;
    this.held.clear();
  }

  /** Also while a turn waits for the database. */
  private watchExpiry(): void {
    this.cancelExpiry();
    this.cancelExpiry = this.clock.schedule(this.own.remainingMs() + 1, () => this.dropExpired());
  }

  private async giveUpAll(): Promise<void> {
    const { process } = this;
    const ids = [...this.held.ids(), ...this.held.left()];
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
