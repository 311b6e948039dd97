import type { FollowerState } from '@signalbox/contracts/streams';
import type { DirectAssignment } from '../../work/assignment.js';
import type { FollowerHost } from '../../work/follower.js';
import { syncState } from '../../work/sync-state.rules.js';
import { parseLsn } from '../connect/lsn.js';
import type { SourceProblem } from '../connect/source-problem.js';
import { WAITING, WAITING_FIX, waitsFor, type OpenTransactions } from './open-transactions.js';

type Sync = FollowerState['sync'];

/** What a monitor measured at the source. */
export interface Measured {
  readonly sourceLsn: string | null;
  readonly confirmedLsn: string | null;
  readonly lagBytes: number | null;
  readonly retainedBytes: number | null;
}

const STUCK_MS = 60_000;
const MOVING: ReadonlySet<Sync['state']> = new Set(['snapshotting', 'streaming']);

/** What is known of the work on one database; each change is reported. */
export class Progress {
  private sync: Sync;
  private newestAt: number | null = null;
  private drainedAt: number | null = null;
  private isSnapshotDone = false;
  private measured: (Measured & { at: number; monotonic: number }) | undefined;
  private acknowledged = 0n;
  private hasPublished = false;
  /** When something was published or acknowledged last, of both clocks, and where the source was then. */
  private moved: { monotonic: number; at: number; sourceLsn: string | null };
  private caughtUp: number | undefined;

  constructor(
    private readonly assignment: DirectAssignment,
    private readonly host: FollowerHost,
  ) {
    const { clock } = host;
    const state = assignment.task === 'follow' ? 'idle' : 'paused';
    this.sync = syncState(state, clock.now());
    this.moved = { monotonic: clock.monotonic(), at: clock.now(), sourceLsn: null };
  }

  paused(): void {
    this.become('paused', { snapshot: this.sync.snapshot });
  }

  snapshotting(snapshot: NonNullable<Sync['snapshot']>): void {
    this.isSnapshotDone = false;
    this.become('snapshotting', { snapshot });
    this.move();
  }

  /** The slot is being created, and that takes longer than it does by itself. */
  waiting(open: OpenTransactions): void {
    if (this.sync.error?.code !== WAITING) this.move();
    this.become('snapshotting', { error: { code: WAITING, message: waitsFor(open) }, fix: WAITING_FIX });
  }

  streaming(): void {
    this.isSnapshotDone = true;
    this.become('streaming', {});
    this.move();
  }

  failed(problem: SourceProblem, nextAttemptAt: number | null): void {
    const error = { code: problem.code, message: problem.message };
    const isBlocked = problem.kind !== 'unreachable';
    this.become(isBlocked ? 'blocked' : 'retrying', {
      snapshot: this.sync.snapshot,
      next_attempt_at: nextAttemptAt === null ? null : Math.round(nextAttemptAt),
      error,
      fix: isBlocked ? problem.fix : null,
    });
  }

  /** `at`: Unix ms of the newest change, as far as it is known. */
  published(at: number | undefined): void {
    this.hasPublished = true;
    if (at !== undefined) this.newestAt = Math.max(at, this.newestAt ?? 0);
    this.move();
    this.report();
  }

  /** A part of what belongs together is published, with all that came before it. */
  confirmed(): void {
    this.move();
  }

  /** Whether something was published since it was asked last. */
  takePublished(): boolean {
    const { hasPublished } = this;
    this.hasPublished = false;
    return hasPublished;
  }

  /** All up to there is published. */
  acknowledgedTo(lsn: bigint): void {
    if (lsn <= this.acknowledged) return;
    this.acknowledged = lsn;
    this.move();
    if (this.isDrained() && this.measured) this.drained(this.measured);
  }

  observed(measured: Measured): void {
    const { clock } = this.host;
    this.measured = { ...measured, at: clock.now(), monotonic: clock.monotonic() };
    this.moved.sourceLsn ??= measured.sourceLsn;
    if (this.isDrained()) this.drained(this.measured);
    this.report();
  }

  /** What the source had when it was measured is published. */
  private isDrained(): boolean {
    const { sourceLsn = null } = this.measured ?? {};
    return this.sync.state === 'streaming' && sourceLsn !== null && parseLsn(sourceLsn) <= this.acknowledged;
  }

  private drained({ at, monotonic }: { at: number; monotonic: number }): void {
    this.drainedAt = at;
    this.caughtUp = monotonic;
    this.report();
  }

  private move(): void {
    const { clock } = this.host;
    this.moved = { monotonic: clock.monotonic(), at: clock.now(), sourceLsn: this.measured?.sourceLsn ?? null };
  }

  private become(state: Sync['state'], more: Partial<Sync>): void {
    const since = state === this.sync.state ? this.sync.since : this.host.clock.now();
    this.sync = syncState(state, since, more);
    this.report();
  }

  private report(): void {
    const { source, walLimitBytes } = this.assignment;
    const { measured } = this;
    this.host.report({
      sync: this.sync,
      freshness: {
        newest_change_at: this.newestAt,
        unknown_because: this.unknownBecause(),
        drained_at: this.drainedAt,
      },
      position: {
        slot: source.slot,
        confirmed_lsn: measured?.confirmedLsn ?? null,
        source_lsn: measured?.sourceLsn ?? null,
        lag_bytes: measured?.lagBytes ?? null,
        lag_seconds: this.lagSeconds(),
        retained_wal_bytes: measured?.retainedBytes ?? null,
        wal_limit_bytes: walLimitBytes,
        measured_at: measured?.at ?? null,
      },
      stuck: this.stuck(),
    });
  }

  private unknownBecause(): string | null {
    if (this.newestAt !== null) return null;
    if (this.sync.state === 'paused') return 'The datasource is paused.';
    return this.isSnapshotDone ? 'No change was made since reading began.' : 'The existing rows are not all read yet.';
  }

  private lagSeconds(): number | null {
    if (this.isDrained()) return 0;
    return this.caughtUp === undefined ? null : Math.round((this.host.clock.monotonic() - this.caughtUp) / 100) / 10;
  }

  private stuck(): FollowerState['stuck'] {
    const { measured, moved } = this;
    const stillMs = this.host.clock.monotonic() - moved.monotonic;
    const { error } = this.sync;
    if (error?.code === WAITING && stillMs >= STUCK_MS) return { since: moved.at, evidence: error.message };
    const isMoving = measured?.sourceLsn !== moved.sourceLsn && (measured?.lagBytes ?? 0) > 0;
    if (!MOVING.has(this.sync.state) || stillMs < STUCK_MS || !isMoving) return null;
    const seconds = Math.round(stillMs / 1_000);
    return {
      since: moved.at,
      evidence:
        `Nothing was published or acknowledged for ${seconds} s, while the WAL of the source went from ` +
        `${moved.sourceLsn} to ${measured?.sourceLsn}; ${measured?.lagBytes} bytes are outstanding.`,
    };
  }
}
