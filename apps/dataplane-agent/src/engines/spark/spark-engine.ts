import { EventEmitter, once } from 'node:events';
import { redactUrl, type Clock, type Logger } from '@signalbox/platform';
import type { Engine, EngineFigures, EngineWork } from '../engine.js';
import { readSparkFacts, type SparkFacts } from './spark-api.js';
import { figuresOf } from './spark-figures.rules.js';

/** Most running jobs that a report may name. */
const MAX_IDS = 1_000;
const TIMEOUT_MS = 4_000;

export interface SparkEngineOptions {
  /** The driver's monitoring API. */
  readonly url: string;
  /** From the end of one poll to the next, ms. */
  readonly intervalMs: number;
  readonly timeoutMs?: number;
  /** Reported where Spark sets no bound of its own, MiB. */
  readonly maxFrameMb: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After each change of `ready`. */
  readonly onChange: () => void;
}

/** Reported until the driver has answered once. */
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
 * Polls the monitoring API of a Spark driver, one poll at a time. Others submit its work, and its supervisor restarts it together
 * with this process. While the driver does not answer the engine is not ready.
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
    void this.poll();
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
    return { running: runningJobs.slice(0, MAX_IDS).map((id) => `job-${id}`), queued: pendingStages };
  }

  async idle(signal: AbortSignal): Promise<void> {
    this.pollNow();
    // An aborted signal is no error here: the drain time is over.
    do await once(this.answers, 'answer', { signal }).catch(() => undefined);
    while (!signal.aborted && !this.isKnownIdle);
  }

  /** A driver that does not answer may be busy; where the connection is refused there is no driver, and nothing runs. */
  private get isKnownIdle(): boolean {
    return this.failure === 'ECONNREFUSED' || (this.ready && this.facts?.runningJobs.length === 0);
  }

  /** Where no poll is scheduled one is in progress. */
  private pollNow(): void {
    if (!this.cancel) return;
    this.cancel();
    void this.poll();
  }

  private async poll(): Promise<void> {
    const { url, timeoutMs = TIMEOUT_MS, intervalMs, clock } = this.options;
    this.cancel = undefined;
    try {
      this.facts = await readSparkFacts(url, timeoutMs);
      this.answered(undefined);
    } catch (error) {
      this.answered(describe(error));
    }
    this.answers.emit('answer');
    if (!this.stopped) this.cancel = clock.schedule(intervalMs, () => void this.poll(), { background: true });
  }

  private answered(failure: string | undefined): void {
    const { logger, onChange, url } = this.options;
    if (this.stopped) return;
    const before = this.failure;
    this.failure = failure;
    if (failure !== undefined && failure !== before)
      logger.warn({ url: redactUrl(url), reason: failure }, 'Spark driver does not answer as it should');
    if (this.ready === (failure === undefined)) return;
    this.ready = failure === undefined;
    if (this.ready) logger.info({ url: redactUrl(url), version: this.facts?.version }, 'Spark driver answers');
    onChange();
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : (redactUrl(error.message).split('\n', 1)[0] ?? error.name);
}
