import { EventEmitter, once } from 'node:events';
import { redactUrl, type Clock, type Logger } from '@signalbox/platform';
import type { Engine, EngineFigures, EngineWork } from '../engine.js';
import { readSparkFacts, type SparkFacts } from './spark-api.js';
import { figuresOf } from './spark-figures.js';

/** As many running jobs as a report may name. */
const MOST_IDS = 1_000;
const TIMEOUT_MS = 4_000;

export interface SparkEngineOptions {
  /** Of the driver's monitoring API. */
  readonly url: string;
  /** From the end of one question to the next, ms. */
  readonly intervalMs: number;
  readonly timeoutMs?: number;
  /** Said where Spark sets no bound of its own, MiB. */
  readonly maxFrameMb: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After each change of `ready`. */
  readonly onChange: () => void;
}

/** Nothing was heard of the driver yet. */
const UNKNOWN: EngineFigures = {
  spark_version: 'unknown',
  driver_free_memory_mb: 0,
  max_executors: 0,
  max_memory_per_executor_mb: 0,
  cores_per_executor: 0,
  max_dataframe_size_mb: 0,
  thread_pool_parallelism: 0,
};

/**
 * Looks at a Spark driver through its monitoring API, one question at a time. It gets its work from elsewhere, and its supervisor
 * starts it again together with this process. While it does not answer it is not ready.
 */
export class SparkEngine implements Engine {
  readonly name = 'spark';
  ready = false;
  private facts: SparkFacts | undefined;
  private failure: string | undefined;
  private cancel: (() => void) | undefined;
  private stopped = false;
  private readonly answers = new EventEmitter();

  constructor(private readonly options: SparkEngineOptions) {}

  start(): void {
    void this.ask();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
  }

  get problem(): string | undefined {
    return this.failure && `the Spark driver does not answer as it should: ${this.failure}`;
  }

  status(): EngineFigures {
    return this.facts ? figuresOf(this.facts, this.options.maxFrameMb) : UNKNOWN;
  }

  work(): EngineWork {
    if (!this.facts || !this.ready) return { running: [], queued: 0 };
    const { runningJobs, pendingStages } = this.facts;
    return { running: runningJobs.slice(0, MOST_IDS).map((id) => `job-${id}`), queued: pendingStages };
  }

  async idle(signal: AbortSignal): Promise<void> {
    this.askNow();
    // What `signal` ends is not an error here: it was waited for long enough.
    do await once(this.answers, 'answer', { signal }).catch(() => undefined);
    while (!signal.aborted && !this.isKnownIdle);
  }

  /** A driver that is late may be busy; of one that nobody listens for it is known that nothing runs. */
  private get isKnownIdle(): boolean {
    return this.failure === 'ECONNREFUSED' || (this.ready && this.facts?.runningJobs.length === 0);
  }

  /** One question is on its way already where none is planned. */
  private askNow(): void {
    if (!this.cancel) return;
    this.cancel();
    void this.ask();
  }

  private async ask(): Promise<void> {
    const { url, timeoutMs = TIMEOUT_MS, intervalMs, clock } = this.options;
    this.cancel = undefined;
    try {
      this.facts = await readSparkFacts(url, timeoutMs);
      this.answered(undefined);
    } catch (error) {
      this.answered(describe(error));
    }
    this.answers.emit('answer');
    if (!this.stopped) this.cancel = clock.schedule(intervalMs, () => void this.ask(), { background: true });
  }

  private answered(failure: string | undefined): void {
    const { logger, onChange, url } = this.options;
    if (this.stopped) return;
    const before = this.failure;
    this.failure = failure;
    if (failure !== undefined && failure !== before)
      logger.warn({ url: redactUrl(url), reason: failure }, 'the Spark driver does not answer as it should');
    if (this.ready === (failure === undefined)) return;
    this.ready = failure === undefined;
    if (this.ready) logger.info({ url: redactUrl(url), version: this.facts?.version }, 'the Spark driver answers');
    onChange();
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : (redactUrl(error.message).split('\n', 1)[0] ?? error.name);
}
