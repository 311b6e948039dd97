import type { LoopTurns } from '@signalbox/platform';

/** That run at once: so many entries are shown in a few ms. */
const FIRST_STEPS = 1_000;
const SLICE_MS = 3;

/**
 * Runs pieces of work in order, each at once where none is under way. One with many steps goes on in later turns of the event loop, in slices; what
 * comes meanwhile waits for its end.
 */
export class OrderedWork {
  private readonly waiting: (() => Iterable<void> | void)[] = [];
  private present: Iterator<void> | undefined;
  private isClosed = false;

  /** @param onDone is called when a piece that took several turns, and all that waited for it, have ended */
  constructor(
    private readonly turns: Pick<LoopTurns, 'slices'>,
    private readonly onDone: () => void,
  ) {}

  /** Whether a piece has not ended, so that others wait for it. */
  get isUnderWay(): boolean {
    return this.present !== undefined || this.waiting.length > 0;
  }

  /** @param work returns its steps, where it has several */
  run(work: () => Iterable<void> | void): void {
    if (this.isClosed) return;
    if (this.isUnderWay) return void this.waiting.push(work);
    this.begin(work);
    for (let step = 0; step < FIRST_STEPS && this.present !== undefined; step += 1) this.step();
    if (this.isUnderWay) void this.runRest();
  }

  /** Ends the present piece where it is. No other one is run any more. */
  close(): void {
    this.isClosed = true;
    this.present = undefined;
    this.waiting.length = 0;
  }

  private async runRest(): Promise<void> {
    const slices = this.turns.slices(SLICE_MS);
    while (this.isUnderWay) {
      if (slices.isOver) await slices.next();
      if (this.present !== undefined) this.step();
      else this.beginNext();
    }
    if (!this.isClosed) this.onDone();
  }

  /** Unless it was closed meanwhile. */
  private beginNext(): void {
    const work = this.waiting.shift();
    if (work !== undefined) this.begin(work);
  }

  private begin(work: () => Iterable<void> | void): void {
    const steps = work();
    if (steps !== undefined) this.present = steps[Symbol.iterator]();
  }

  private step(): void {
    if (this.present?.next().done === true) this.present = undefined;
  }
}
