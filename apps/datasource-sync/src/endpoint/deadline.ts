/**
 * Aborts when the time is up, and with another signal that outlasts it. Node keeps memory for each signal that `AbortSignal.any` made as long
 * as the other one is in use: about 2 KiB a poll.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly abort = (): void => this.controller.abort(this.outer.reason);
  private over = false;

  constructor(
    private readonly outer: AbortSignal,
    ms: number,
  ) {
    this.timer = setTimeout(() => {
      this.over = true;
      this.controller.abort();
    }, ms);
    outer.addEventListener('abort', this.abort, { once: true });
    if (outer.aborted) this.abort();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The time was up before the end. */
  get isOver(): boolean {
    return this.over;
  }

  end(): void {
    clearTimeout(this.timer);
    this.outer.removeEventListener('abort', this.abort);
  }
}
