/** Time and timers. They are injected, so that tests control them. */
export interface Clock {
  /** Wall-clock time, Unix milliseconds. It may jump in both directions: for display and for epochs, never for measuring. */
  now(): number;

  /** Milliseconds since some fixed moment of this process. Never goes back: for measuring and for deadlines. */
  monotonic(): number;

  /**
   * Runs `run` once, `delayMs` milliseconds from now (below 0 counts as 0). Returns a function that cancels it, which
   * does nothing once it ran. A pending timer keeps the process alive unless `background` is set.
   */
  schedule(delayMs: number, run: () => void, options?: ScheduleOptions): () => void;
}

export interface ScheduleOptions {
  /** The process may end while this timer is pending. */
  readonly background?: boolean;
}

/** Node changes a longer delay to 1 ms, so a longer one is split into several timers. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, run, { background = false } = {}) {
    const due = performance.now() + Math.max(0, delayMs);
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      timer = setTimeout(
        () => {
          const stillLeftMs = leftMs > LONGEST_TIMER_MS ? due - performance.now() : 0;
          if (stillLeftMs > 0) wait(stillLeftMs);
          else run();
        },
        Math.min(leftMs, LONGEST_TIMER_MS),
      );
      if (background) timer.unref();
    };
    wait(Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
