import type { Clock } from '@signalbox/platform';
import type { Assignment } from '../work/assignment.js';
import { Misbehaved } from '../publishing/unpack.rules.js';
import type { CheckResult } from '../work/follower.js';
import type { ToWorker } from '../worker/protocol.js';

interface Check {
  readonly assignment: Assignment;
  readonly resolve: (result: CheckResult) => void;
  readonly reject: (error: Error) => void;
  cancelTimer: () => void;
}

/** At once in a worker. */
const RUNNING = 32;
/** The worker ends a check before that, unless the check does not let it. */
const WITHIN_MS = 60_000;

/** The checks that run in one worker, and those that wait for it. */
export class SliceChecks {
  private readonly running = new Map<number, Check>();
  private waiting: Check[] = [];
  private count = 0;
  private state: 'starting' | 'open' | 'closed' = 'starting';

  constructor(
    private readonly clock: Clock,
    private readonly send: (message: ToWorker) => void,
  ) {}

  /** @throws Error where it did not come to its end */
  run(assignment: Assignment): Promise<CheckResult> {
    return new Promise((resolve, reject) => {
      if (this.state === 'closed') return reject(new Error('the worker of the check is being restarted'));
      this.waiting.push({ assignment, resolve, reject, cancelTimer: () => undefined });
      this.fill();
    });
  }

  opened(): void {
    this.state = 'open';
    this.fill();
  }

  /** @throws Misbehaved where no check has this number */
  ended(number: number, result: CheckResult | undefined): void {
    if (number > this.count) throw new Misbehaved('a check that nothing began');
    const check = this.running.get(number);
    if (check === undefined) return;
    this.running.delete(number);
    check.cancelTimer();
    if (result === undefined) check.reject(new Error('the check failed in its worker'));
    else check.resolve(result);
    this.fill();
  }

  /** The worker has ended. */
  closed(): void {
    this.state = 'closed';
    const checks = [...this.running.values(), ...this.waiting];
    this.running.clear();
    this.waiting = [];
    for (const { reject, cancelTimer } of checks) {
      cancelTimer();
      reject(new Error('the worker of the check ended'));
    }
  }

  private fill(): void {
    while (this.state === 'open' && this.running.size < RUNNING && this.waiting.length > 0) {
      const check = this.waiting.shift()!;
      const number = (this.count += 1);
      this.running.set(number, check);
      check.cancelTimer = this.clock.schedule(WITHIN_MS, () => this.ended(number, undefined), { background: true });
      this.send({ type: 'check', check: number, assignment: check.assignment });
    }
  }
}
