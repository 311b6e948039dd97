import { every, type Clock, type Logger } from '@signalbox/platform';
import type { Death } from '@signalbox/sandbox';
import type { Assignment } from '../work/assignment.js';
import type { Checks } from '../work/checks.js';
import type { CheckResult } from '../work/follower.js';
import type { HeldDatasources } from '../work/held-datasources.js';
import type { Records } from '../work/records.js';
import { reportOfDeath } from './death-report.rules.js';
import { Following } from './following.js';
import type { Session, SessionOptions } from './session.js';
import { Slice } from './slice.js';
import { leavingHalf, mergeOf, placeOf, type SliceKind, type SliceLimits } from './slices.rules.js';
import { workerOptions, type WorkerProgram } from './worker-options.js';

export interface FleetOptions {
  readonly held: HeldDatasources;
  readonly records: Records;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly publishing: Pick<SessionOptions, 'publisher' | 'metrics'>;
  readonly limits: SliceLimits;
  readonly worker: WorkerProgram;
  readonly workerMemoryBytes: number;
  readonly onDeath: (reason: Death['reason']) => void;
}

const TIDY_EVERY_MS = 60_000;

/** The workers of this process: which datasource is in which, and what happens when one dies. */
export class Fleet implements Checks {
  private readonly followings = new Map<string, Following>();
  private readonly slices = new Set<Slice>();
  private sessions = 0;
  private stopTidying = (): void => undefined;
  private isStopping = false;

  constructor(private readonly options: FleetOptions) {}

  start(): void {
    const { held, clock } = this.options;
    held.onAssigned((assignment) => this.assign(assignment));
    held.onReleased((id) => this.followings.get(id)?.want(undefined));
    // A worker takes a second to start, and a caller who registers a datasource waits for its check.
    for (const kind of ['direct', 'endpoint'] as const) this.newSlice(kind, undefined);
    for (const assignment of held.current()) this.assign(assignment);
    this.stopTidying = every({ clock, ms: TIDY_EVERY_MS, background: true }, () => this.tidy());
  }

  /** Ends all work, and the workers. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.stopTidying();
    await Promise.all(Array.from(this.slices, (slice) => slice.stop()));
  }

  async check(assignment: Assignment): Promise<CheckResult> {
    const following = this.followings.get(assignment.id);
    if (following === undefined) throw new Error(`${assignment.id} was not assigned to this process`);
    return following.slice.check(assignment);
  }

  workers(kind: SliceKind): number {
    return [...this.slices].filter((slice) => slice.kind === kind).length;
  }

  private assign(assignment: Assignment): void {
    if (this.isStopping) return;
    let following = this.followings.get(assignment.id);
    if (following === undefined) this.followings.set(assignment.id, (following = this.newFollowing(assignment)));
    following.want(assignment);
  }

  private newFollowing({ id, connection }: Assignment): Following {
    const { clock, limits } = this.options;
    const at = { now: clock.monotonic(), limits };
    const slice = placeOf([...this.slices], connection, at) ?? this.newSlice(connection, undefined);
    slice.members.add(id);
    return new Following({
      slice,
      begin: (where, options) => this.begin(where, options),
      onEnded: (where) => this.removeIfEmpty(where),
      onReleased: (assignment) => this.released(assignment),
    });
  }

  private begin(slice: Slice, own: Pick<SessionOptions, 'assignment' | 'onReport' | 'onSaved'>): Session {
    const { held, records, logger, publishing } = this.options;
    this.sessions += 1;
    return slice.begin({ ...own, ...publishing, session: this.sessions, held, records, logger });
  }

  private released({ id, fence }: Assignment): void {
    const slice = this.followings.get(id)?.slice;
    this.followings.delete(id);
    slice?.members.delete(id);
    if (slice !== undefined) this.removeIfEmpty(slice);
    this.options.records.released(id, fence, null);
  }

  private newSlice(kind: SliceKind, diedAt: number | undefined): Slice {
    const { worker: program, workerMemoryBytes: memoryBytes, clock, logger } = this.options;
    const settings = workerOptions({ program, memoryBytes, clock, logger: logger.child({ worker: kind }) });
    const listener = {
      onReady: (slice: Slice) => this.reconcile(slice),
      onDeath: (slice: Slice, death: Death, restartInMs: number) => this.died(slice, death, restartInMs),
    };
    const slice = new Slice(kind, settings, listener, diedAt);
    this.slices.add(slice);
    return slice;
  }

  private reconcile(slice: Slice): void {
    for (const id of slice.members) this.followings.get(id)?.reconcile();
  }

  private died(slice: Slice, death: Death, restartInMs: number): void {
    const { logger, limits, onDeath } = this.options;
    const datasources = slice.members.size;
    logger.error({ ...death, worker: slice.kind, datasources, restartInMs }, 'a worker died, it is restarted');
    onDeath(death.reason);
    if (this.isStopping) return;
    // Where it could not be started it is no datasource's fault.
    const leaving = death.reason === 'not_started' ? [] : leavingHalf(slice, [...this.slices], limits);
    if (leaving.length > 0) this.move(leaving, slice, this.newSlice(slice.kind, slice.diedAt));
    else if (datasources === 1) this.reportDeath(slice, death, restartInMs);
  }

  private reportDeath(slice: Slice, { reason }: Death, restartInMs: number): void {
    const [id] = slice.members;
    const following = this.followings.get(id!);
    if (following?.assignment?.task !== 'follow') return;
    const { records, clock } = this.options;
    following.lastReport = reportOfDeath(following.lastReport, { reason, now: clock.now(), restartInMs });
    records.report(following.assignment.id, following.assignment.fence, following.lastReport);
  }

  private tidy(): void {
    const assigned = new Set(this.options.held.current().map(({ id }) => id));
    // One that was released at its source and then deleted is not taken back in any other way.
    for (const [id, following] of this.followings) if (!assigned.has(id)) following.want(undefined);
    this.merge();
  }

  private merge(): void {
    const { clock, limits, logger } = this.options;
    const pair = mergeOf([...this.slices], { now: clock.monotonic(), limits });
    if (pair === undefined) return;
    const [into, from] = pair;
    logger.info({ worker: into.kind, datasources: into.members.size + from.members.size }, 'workers are merged');
    this.move([...from.members], from, into);
  }

  private move(ids: readonly string[], from: Slice, into: Slice): void {
    for (const id of ids) {
      from.members.delete(id);
      into.members.add(id);
      this.followings.get(id)?.moveTo(into);
    }
    this.removeIfEmpty(from);
  }

  /** The last worker of a kind stays, for the next datasource. */
  private removeIfEmpty(slice: Slice): void {
    if (!slice.isEmpty || this.workers(slice.kind) === 1 || !this.slices.delete(slice)) return;
    void slice.stop();
  }
}
