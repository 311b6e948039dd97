import { FairQueue } from '@signalbox/platform';

/** The part of the time that is left to everything else, as a multiple of what a piece of work takes. */
const REST = 4;

/**
 * Runs pieces of work that keep the event loop for milliseconds: one at a time, and none before everything else had four times as long as the last
 * one took. So their number changes how long they wait, and hardly how long other requests do. Callers take turns.
 */
export class PacedWork {
  private readonly waiting = new FairQueue<() => void>();
  private isAtWork = false;

  /** Runs it now or later. It must not throw. What it causes in this turn of the event loop and in the next one is part of it. */
  run(caller: string, work: () => void): void {
    this.waiting.add(caller, work);
    if (!this.isAtWork) this.next();
  }

  private next(): void {
    const work = this.waiting.take(() => true);
    this.isAtWork = work !== undefined;
    if (work === undefined) return;
    const startedAt = performance.now();
    work();
    setImmediate(() => setTimeout(() => this.next(), REST * (performance.now() - startedAt)));
  }
}
