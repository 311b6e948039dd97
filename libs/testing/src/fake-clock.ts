import type { Clock } from '@signalbox/platform';

interface Timer {
  dueMs: number;
  order: number;
  run: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  private monotonicMs = 0;
  private wallMs: number;
  private scheduled = 0;
  private readonly timers = new Set<Timer>();

  /** `startMs`: the wall-clock time it begins with, Unix milliseconds. */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.wallMs = startMs;
  }

  now(): number {
    return this.wallMs;
  }

  monotonic(): number {
    return this.monotonicMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.monotonicMs + Math.max(0, delayMs), order: this.scheduled++, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Lets time pass. What falls due runs in order, each at its own time, also what was scheduled meanwhile. */
  advance(ms: number): void {
    const untilMs = this.monotonicMs + ms;
    for (let timer = this.nextDue(untilMs); timer; timer = this.nextDue(untilMs)) {
      this.timers.delete(timer);
      this.pass(timer.dueMs - this.monotonicMs);
      timer.run();
    }
    this.pass(untilMs - this.monotonicMs);
  }

  /** Lets the process sleep: both clocks move on, and what fell due meanwhile runs only now, late. */
  pause(ms: number): void {
    this.pass(ms);
    this.advance(0);
  }

  /** Sets the wall clock forward or back, as an operator or NTP would; nothing falls due by it. */
  jumpWallClock(ms: number): void {
    this.wallMs += ms;
  }

  private pass(ms: number): void {
    const passed = Math.max(0, ms);
    this.monotonicMs += passed;
    this.wallMs += passed;
  }

  private nextDue(untilMs: number): Timer | undefined {
    return [...this.timers]
      .filter(({ dueMs }) => dueMs <= untilMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
  }
}
