import { Backoff, type Clock, type Logger } from '@signalbox/platform';
import type { Assignment } from '../work/assignment.js';
import type { Follower, FollowerHost, FollowerReport } from '../work/follower.js';
import type { PublishRefusal } from '../work/publish-refused.js';
import { Outbox } from './outbox.js';
import type { FromWorker } from './protocol.js';
import { sourceFor, type Sources } from './sources.js';
import { Throttled } from './throttled.js';

export interface SessionOptions {
  readonly session: number;
  readonly assignment: Assignment;
  readonly sources: Sources;
  readonly send: (message: FromWorker, bytes?: Buffer) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const REPORT_EVERY_MS = 250;
const RESTART = { minMs: 1_000, maxMs: 60_000 };

/** The work on one assignment: its follower, and what the follower gets of the process that owns the datasource. */
export class Session {
  private readonly outbox: Outbox;
  private readonly reports: Throttled<FollowerReport>;
  private readonly backoff = new Backoff(RESTART);
  private follower: Follower | undefined;
  private cancelRestart = (): void => undefined;

  constructor(private readonly options: SessionOptions) {
    const { session, send, clock } = options;
    this.outbox = new Outbox((message, bytes) => send({ ...message, session }, bytes));
    this.reports = new Throttled(clock, REPORT_EVERY_MS, (state) => send({ type: 'report', session, state }));
    this.start();
  }

  published(batches: number): void {
    this.outbox.published(batches);
  }

  refused(run: number, code: PublishRefusal): void {
    this.outbox.refused(run, code);
  }

  /** Ends the work; what is not published by then is not waited for. */
  async end(): Promise<void> {
    this.cancelRestart();
    this.outbox.close();
    await this.follower?.stop();
    this.reports.flush();
  }

  /** A follower that cannot even be made is a fault of ours: it takes only its own datasource with it. */
  private start(): void {
    const { assignment, sources, clock, logger } = this.options;
    try {
      this.follower = sourceFor(sources, assignment).follow(assignment, this.host());
    } catch (err) {
      logger.error({ err, datasource: assignment.id }, 'a datasource cannot be followed, it is tried again');
      this.cancelRestart = clock.schedule(this.backoff.nextMs(), () => this.start(), { background: true });
    }
  }

  private host(): FollowerHost {
    const { session, assignment, send, clock, logger } = this.options;
    return {
      clock,
      logger: logger.child({ datasource: assignment.id }),
      publish: (batch) => this.outbox.publish(batch),
      report: (state) => this.reports.give(state),
      attempt: (attempt) => send({ type: 'attempt', session, attempt }),
      released: (left) => send({ type: 'released', session, left }),
    };
  }
}
