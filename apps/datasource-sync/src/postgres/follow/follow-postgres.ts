import { LinkedAbort, Backoff, wait, type BackoffBounds } from '@signalbox/platform';
import type { DirectAssignment } from '../../work/assignment.js';
import type { Follower, FollowerHost } from '../../work/follower.js';
import { explain } from '../connect/explain.js';
import type { SourceProblem } from '../connect/source-problem.js';
import type { PublishedMember } from '../snapshot/published-tables.js';
import { FullKeys, TablesChanged } from './full-keys.js';
import { watchSource } from './monitor.js';
import { readPosition, type Position } from './position.js';
import { Progress, type Measured } from './progress.js';
import { releaseSource } from './release-source.js';
import { runSession } from './session.js';
import { dropOverLimit, giveUp, overLimit, WAL_LIMIT, WalLimit } from './wal-limit.js';

const TIMING: FollowTiming = { monitorMs: 10_000, silenceMs: 60_000, backoff: { minMs: 1_000, maxMs: 60_000 } };

export interface FollowTiming {
  /** Between two looks at what the slot costs the source. */
  readonly monitorMs: number;
  /** A server that sends nothing for so long, though it is asked, is not there any more. */
  readonly silenceMs: number;
  readonly backoff: BackoffBounds;
}

/** Follows the changes of a database, or does another task on it. */
export function followPostgres(assignment: DirectAssignment, host: FollowerHost, timing = TIMING): Follower {
  if (assignment.task === 'release') return releaseSource(assignment, host);
  if (assignment.task === 'rest') return { stop: () => Promise.resolve() };
  return new PostgresFollower(assignment, host, timing).start();
}

class PostgresFollower implements Follower {
  private readonly stopping = new AbortController();
  private readonly progress: Progress;
  private readonly backoff: Backoff;
  private position: Position | undefined;
  private readonly fullKeys = new FullKeys();
  /** Of the attempt that runs, or the wait for the next; aborted where it is to begin at once. */
  private turn: LinkedAbort;
  private readonly limit: WalLimit;
  private isStreaming = false;
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly assignment: DirectAssignment,
    private readonly host: FollowerHost,
    private readonly timing: FollowTiming,
  ) {
    this.turn = new LinkedAbort(this.stopping.signal);
    this.backoff = new Backoff(timing.backoff);
    this.progress = new Progress(assignment, host);
    this.position = readPosition(assignment.position, {
      generation: assignment.generation,
      slot: assignment.source.slot,
    });
    this.limit = new WalLimit(assignment.walLimitBytes, this.position !== undefined);
  }

  start(): this {
    const { assignment, host } = this;
    const stopMonitor = watchSource({
      assignment,
      host,
      signal: this.stopping.signal,
      everyMs: this.timing.monitorMs,
      onMeasured: (measured, tables) => this.onMeasured(measured, tables),
    });
    this.work = this.run().then(stopMonitor, stopMonitor);
    return this;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.work;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.turn.end();
      this.turn = new LinkedAbort(signal);
      this.isStreaming = false;
      const startedAt = this.host.clock.monotonic();
      const turn = this.turn.signal;
      try {
        await this.takeTurn(turn);
        this.backoff.reset();
      } catch (error) {
        if (!turn.aborted && !(error instanceof TablesChanged)) await this.failed(explain(error), startedAt, turn);
      }
    }
  }

  private async takeTurn(signal: AbortSignal): Promise<void> {
    const { assignment, host, progress } = this;
    if (this.mustGiveUp) await this.giveUp();
    if (this.position?.ended === WAL_LIMIT) {
      progress.failed(overLimit(assignment), null);
      await aborted(signal);
    } else if (assignment.task === 'watch') {
      progress.paused();
      await aborted(signal);
    } else
      await runSession({
        assignment,
        host,
        progress,
        signal,
        silenceMs: this.timing.silenceMs,
        position: this.position,
        onPosition: (position) => (this.position = position),
        fullKeys: this.fullKeys,
        onStreaming: () => (this.isStreaming = true),
      });
  }

  private async failed(problem: SourceProblem, startedAt: number, signal: AbortSignal): Promise<void> {
    const { host } = this;
    const { clock } = host;
    const tookMs = clock.monotonic() - startedAt;
    // What came further did work: a failure now is a new one.
    if (this.progress.takePublished()) this.backoff.reset();
    const ms = this.backoff.nextMs();
    this.progress.failed(problem, clock.now() + ms);
    host.attempt({
      kind: 'stream',
      outcome: problem.kind === 'refused' ? 'refused' : 'failed',
      duration_ms: Math.round(tookMs),
      published: 0,
      error: { code: problem.code, message: problem.message },
    });
    await wait({ clock, ms, signal });
  }

  private onMeasured(measured: Measured, tables: readonly PublishedMember[]): void {
    this.progress.observed(measured);
    this.limit.measured(measured.retainedBytes, this.position !== undefined);
    // The turn that follows looks the tables up, and reads those that it has not read.
    if (this.mustGiveUp || this.isOutdated(tables)) this.turn.abort();
  }

  private get mustGiveUp(): boolean {
    return this.position ? this.limit.isPassed && this.position.ended !== WAL_LIMIT : this.limit.isPassedBefore;
  }

  private async giveUp(): Promise<void> {
    const { assignment, host, position } = this;
    const options = { assignment, host, signal: this.stopping.signal };
    if (position) this.position = await giveUp(options, position);
    else await dropOverLimit(options);
  }

  private isOutdated(tables: readonly PublishedMember[]): boolean {
    if (!this.position || !this.isStreaming) return false;
    const { done } = this.position;
    const isNew = tables.some(({ oid, member }) => done[oid] !== member);
    return isNew || Object.keys(done).length > tables.length;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
