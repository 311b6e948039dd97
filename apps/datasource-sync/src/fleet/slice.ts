import { SupervisedSandbox, type Death, type Frame, type SupervisedSandboxOptions } from '@signalbox/sandbox';
import type { Assignment } from '../work/assignment.js';
import type { CheckResult } from '../work/follower.js';
import { Misbehaved } from '../publishing/unpack.rules.js';
import type { ToWorker } from '../worker/protocol.js';
import { readMessage } from './read-message.js';
import { Session, type SessionOptions } from './session.js';
import { SliceChecks } from './slice-checks.js';
import type { SliceFacts, SliceKind } from './slices.rules.js';

export interface SliceListener {
  /** Its worker runs, for the first time or again, and works on nothing. */
  readonly onReady: (slice: Slice) => void;
  readonly onDeath: (slice: Slice, death: Death, restartInMs: number) => void;
}

/** How long a session may take to end before its worker counts as hung. */
const END_WITHIN_MS = 20_000;

/** A worker, and the datasources it works on. */
export class Slice implements SliceFacts {
  readonly members = new Set<string>();
  readonly checks: SliceChecks;
  private readonly sessions = new Map<number, Session>();
  private newestSession = 0;
  private readonly worker: SupervisedSandbox;

  constructor(
    readonly kind: SliceKind,
    private readonly options: SupervisedSandboxOptions,
    private readonly listener: SliceListener,
    /** Monotonic ms. */
    public diedAt: number | undefined,
  ) {
    this.checks = new SliceChecks(options.clock, (message) => this.send(message));
    this.worker = new SupervisedSandbox(options, {
      onReady: () => {
        this.checks.opened();
        listener.onReady(this);
      },
      onFrame: (frame) => this.receive(frame),
      onDeath: (death, restartInMs) => this.died(death, restartInMs),
    });
  }

  get isReady(): boolean {
    return this.worker.isReady;
  }

  /** No datasource is in it, and none is being ended in it. */
  get isEmpty(): boolean {
    return this.members.size === 0 && this.sessions.size === 0;
  }

  begin(options: Omit<SessionOptions, 'send'>): Session {
    const { session: number } = options;
    const session = new Session({ ...options, send: (message) => this.send(message) });
    this.sessions.set(number, session);
    this.newestSession = number;
    void session.over.then(() => this.sessions.delete(number));
    return session;
  }

  /** Ends a session, and the worker with it where it does not end. */
  end(session: Session): void {
    if (session.isEnding) return;
    session.end();
    const { clock } = this.options;
    const cancel = clock.schedule(END_WITHIN_MS, () => this.worker.kill('hung'), { background: true });
    void session.ended.then(cancel);
  }

  check(assignment: Assignment): Promise<CheckResult> {
    return this.checks.run(assignment);
  }

  async stop(): Promise<void> {
    this.checks.closed();
    await this.worker.stop();
    await this.endAll();
  }

  private send(message: ToWorker): void {
    this.worker.send(message);
  }

  private receive(frame: Frame): void {
    try {
      const message = readMessage(frame);
      if ('check' in message)
        return this.checks.ended(message.check, message.type === 'checked' ? message.result : undefined);
      if (message.session > this.newestSession) throw new Misbehaved('a session that nothing began');
      // One that ended already may have sent something before it knew.
      this.sessions.get(message.session)?.handle(message, frame.bytes);
    } catch (err) {
      this.options.logger.error({ err }, 'a worker sent what is not allowed, and is killed');
      this.worker.kill('misbehaved');
    }
  }

  private died(death: Death, restartInMs: number): void {
    this.diedAt = this.options.clock.monotonic();
    this.checks.closed();
    void this.endAll();
    this.listener.onDeath(this, death, restartInMs);
  }

  private async endAll(): Promise<void> {
    const sessions = [...this.sessions.values()];
    for (const session of sessions) session.workerEnded();
    await Promise.all(sessions.map(({ over }) => over));
  }
}
