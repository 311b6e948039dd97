import type { Clock, Logger } from '@signalbox/platform';
import { reasonOf } from '../death.rules.js';
import type { Frame } from '../frames.js';
import { Sandbox, type SandboxOptions } from '../sandbox.js';
import { JobDied } from './job-errors.js';
import { MAX_BROKEN_CHARS, type JobMessage } from './job-protocol.js';

/** How the process of a job is run. Its module calls `answerJobs`. */
export type JobProgram = Pick<
  SandboxOptions,
  'module' | 'env' | 'readable' | 'nativeCode' | 'memoryBytes' | 'heapBytes' | 'cpuSeconds' | 'limits'
>;

export interface JobProcessOptions {
  readonly program: JobProgram;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once, when nothing of it runs any more. */
  readonly onEnd: () => void;
}

export interface Work {
  readonly message: unknown;
  /** Then the process is killed. */
  readonly withinMs: number;
}

interface Current {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly cancelTimer: () => void;
}

const START_WITHIN_MS = 30_000;
/** A job has a deadline; a process without a job is looked at so often. */
const PING = { pingEveryMs: 30_000, missedPings: 4 };

/** A process that does one job at a time. */
export class JobProcess {
  /** Jobs that it has answered. */
  answered = 0;
  private readonly sandbox: Sandbox;
  private current: Current | undefined;
  private broken: string | undefined;

  constructor(private readonly options: JobProcessOptions) {
    const { program, clock, logger, onEnd } = options;
    this.sandbox = new Sandbox(
      { ...program, ...PING, clock, logger, startWithinMs: START_WITHIN_MS, stopWithinMs: 0, silent: true },
      {
        onReady: () => undefined,
        onFrame: (frame) => this.received(frame),
        onEnd: (death, lastOutput) => {
          // Before it got anything of a caller, what it printed is ours, and has no secret.
          if (death?.reason === 'not_started')
            logger.error({ ...death, output: lastOutput }, 'the process of a job did not start');
          this.take()?.reject(new JobDied(death?.reason ?? 'crashed', this.broken));
          onEnd();
        },
      },
    );
  }

  /** It may still be starting. What its program answers may be anything. @throws JobDied */
  run({ message, withinMs }: Work): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancelTimer = this.options.clock.schedule(withinMs, () => this.sandbox.kill('hung'), { background: true });
      this.current = { resolve, reject, cancelTimer };
      this.sandbox.send({ job: message } satisfies JobMessage);
    });
  }

  /** Ends it at once. */
  discard(): void {
    this.sandbox.discard();
  }

  private received({ message }: Frame): void {
    const answer = (message ?? {}) as { readonly answer?: unknown; readonly broken?: unknown };
    if (this.current === undefined || this.broken !== undefined) return this.sandbox.kill('misbehaved');
    if ('answer' in answer) {
      this.answered += 1;
      return this.take()?.resolve(answer.answer);
    }
    if (typeof answer.broken !== 'string') return this.sandbox.kill('misbehaved');
    this.broken = answer.broken.slice(0, MAX_BROKEN_CHARS);
    this.sandbox.kill(reasonOf(this.broken));
  }

  private take(): Current | undefined {
    const { current } = this;
    this.current = undefined;
    current?.cancelTimer();
    return current;
  }
}
