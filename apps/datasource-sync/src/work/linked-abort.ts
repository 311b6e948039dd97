/**
 * Aborts on request, and with another signal that outlasts it. Node keeps memory for each signal that `AbortSignal.any` made as long
 * as the other one is in use: about 2 KiB, and all that listens to it.
 */
export class LinkedAbort {
  private readonly controller = new AbortController();
  private readonly follow = (): void => this.controller.abort(this.outer.reason);

  constructor(private readonly outer: AbortSignal) {
    outer.addEventListener('abort', this.follow, { once: true });
    if (outer.aborted) this.follow();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(): void {
    this.controller.abort();
  }

  /** It aborts no more with the other signal. */
  end(): void {
    this.outer.removeEventListener('abort', this.follow);
  }
}
