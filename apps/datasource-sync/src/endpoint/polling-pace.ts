import { Backoff } from '@signalbox/platform';

const JITTER = 0.1;
const FIRST_BACKOFF_MS = 5_000;
const LONGEST_BACKOFF_MS = 600_000;
/** Over which the first polls are spread of what a process took over from another one that ended. */
const TAKE_OVER_MS = 3_000;

/** When an endpoint is polled next. Random parts keep many datasources from being polled at the same moment. */
export class PollingPace {
  private readonly backoff = new Backoff({ minMs: FIRST_BACKOFF_MS, maxMs: LONGEST_BACKOFF_MS });

  constructor(private readonly intervalMs: number) {}

  /** Before the first round: at once for a new datasource. */
  firstMs(wasPolledBefore: boolean): number {
    return wasPolledBefore ? Math.random() * Math.min(this.intervalMs, TAKE_OVER_MS) : 0;
  }

  afterSuccess(): number {
    this.backoff.reset();
    return this.intervalMs * (1 - JITTER + Math.random() * 2 * JITTER);
  }

  /** @param retryAfterMs what the endpoint asked for; it is waited for at least */
  afterFailure(retryAfterMs = 0): number {
    const ms = this.backoff.nextMs();
    return retryAfterMs === 0 ? ms : Math.max(ms, retryAfterMs * (1 + Math.random() * JITTER));
  }
}
