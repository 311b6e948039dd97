import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { FairQueue } from '@signalbox/platform';

/** The part of the time that is left to everything else, as a multiple of what a piece of work takes: such work gets a tenth. */
const REST = 9;
/** Turns of the event loop in which what a piece causes is counted as a part of it. */
const TURNS = 3;

/**
 * Runs pieces of work that keep the event loop for milliseconds: one at a time, and none before everything else had nine times as long as the last
 * one took. So their number changes how long they wait, and hardly how long other requests do. Callers take turns.
 */
export class PacedWork {
  private readonly waiting = new FairQueue<() => void>();
  private isAtWork = false;

  /** Runs it now or later. It must not throw. */
  run(caller: string, work: () => void): void {
    this.waiting.add(caller, work);
    if (!this.isAtWork) void this.runAll();
  }

  private async runAll(): Promise<void> {
    this.isAtWork = true;
    for (let work = this.take(); work !== undefined; work = this.take()) {
      const startedAt = performance.now();
      work();
      for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
      await wait(REST * (performance.now() - startedAt));
    }
    this.isAtWork = false;
  }

  private take(): (() => void) | undefined {
    return this.waiting.take(() => true);
  }
}
