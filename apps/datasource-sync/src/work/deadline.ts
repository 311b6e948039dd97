import { LinkedAbort } from '@signalbox/platform';

/** Aborts when the time is up, and with another signal that outlasts it. */
export class Deadline extends LinkedAbort {
  private readonly timer: NodeJS.Timeout;
  private over = false;

  constructor(outer: AbortSignal, ms: number) {
    super(outer);
    this.timer = setTimeout(() => {
      this.over = true;
      this.abort();
    }, ms);
  }

  /** The time was up before the end. */
  get isOver(): boolean {
    return this.over;
  }

  override end(): void {
    clearTimeout(this.timer);
    super.end();
  }
}
