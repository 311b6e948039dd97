import { Backoff, wait, type BackoffBounds } from '@signalbox/platform';
import type { DirectAssignment } from '../../work/assignment.js';
import type { Follower, FollowerHost } from '../../work/follower.js';
import { explain } from '../connect/explain.js';
import { openClient } from '../connect/open-client.js';
import { SourceProblem } from '../connect/source-problem.js';
import type { PublishedMember } from '../snapshot/published-tables.js';
import { FullKeys, TablesChanged } from './full-keys.js';
import { watchSource } from './monitor.js';
import { readPosition, type Position } from './position.js';
import { Progress, type Measured } from './progress.js';
import { publish } from './publish.js';
import { releaseSource } from './release-source.js';
import { runSession } from './session.js';
import { dropSlot } from './slot.js';

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
  private turn = new AbortController();
  private isOverLimit = false;
  private isStreaming = false;
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly assignment: DirectAssignment,
    private readonly host: FollowerHost,
    private readonly timing: FollowTiming,
  ) {
    this.backoff = new Backoff(timing.backoff);
    this.progress = new Progress(assignment, host);
    this.position = readPosition(assignment.position, {
      generation: assignment.generation,
      slot: assignment.source.slot,
    });
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
      this.turn = new AbortController();
      this.isStreaming = false;
      const startedAt = this.host.clock.monotonic();
      const turn = AbortSignal.any([signal, this.turn.signal]);
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
    if (this.isOverLimit && this.position?.ended !== WAL_LIMIT) await this.giveUp(this.stopping.signal);
    if (this.position?.ended === WAL_LIMIT) {
      progress.failed(overLimit(assignment), null);
      await aborted(signal);
    } else if (assignment.task === 'watch') await aborted(signal);
    else
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
    // It stays so when the slot is dropped, which retains nothing.
    this.isOverLimit ||= (measured.retainedBytes ?? 0) > this.assignment.walLimitBytes;
    // The turn that follows looks the tables up, and reads those that it has not read.
    const mustGiveUp = this.isOverLimit && this.position?.ended !== WAL_LIMIT;
    if (mustGiveUp || this.isOutdated(tables)) this.turn.abort();
  }

  private isOutdated(tables: readonly PublishedMember[]): boolean {
    if (!this.position || !this.isStreaming) return false;
    const { done } = this.position;
    const isNew = tables.some(({ oid, member }) => done[oid] !== member);
    return isNew || Object.keys(done).length > tables.length;
  }

  /** The disk of the source comes first: the slot is dropped, and it is remembered that changes are missing from here on. */
  private async giveUp(signal: AbortSignal): Promise<void> {
    const { assignment, host } = this;
    const { generation, source } = assignment;
    const line = await openClient(assignment, { signal });
    try {
      await dropSlot(line.client, source.slot);
    } finally {
      line.close();
    }
    const last = this.position ?? {
      generation,
      slot: source.slot,
      lsn: '0/0',
      isFirst: false,
      done: {},
      current: null,
    };
    const position = { ...last, ended: WAL_LIMIT };
    host.logger.error(
      { datasource: assignment.id, wal_limit_bytes: assignment.walLimitBytes },
      'dropped a slot that retained too much WAL',
    );
    await publish(host, { changes: [], position });
    this.position = position;
  }
}

const WAL_LIMIT = 'wal_limit_exceeded';

const overLimit = ({ walLimitBytes }: DirectAssignment): SourceProblem =>
  new SourceProblem('blocked', WAL_LIMIT, {
    message: `The source had to keep more than ${walLimitBytes} bytes of WAL. The slot was dropped, so that its disk does not fill up.`,
    fix: 'Start over with POST /v1/datasources/{id}/resync: rows are read again. Until then no change is published.',
  });

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
