/**
 * Aborts on request, and with other signals, of which some outlast it. Node.js keeps what listens to a signal that `AbortSignal.any` made,
 * about 1 KiB each, as long as one of the others is in use.
 */
export class LinkedAbort {
  private readonly controller = new AbortController();
  private readonly outers: readonly AbortSignal[];

  constructor(...outers: readonly AbortSignal[]) {
    this.outers = outers;
    for (const outer of outers) outer.addEventListener('abort', this.follow, { once: true });
    this.follow();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(): void {
    this.controller.abort();
  }

  /** It aborts no more with the other signals. */
  end(): void {
    for (const outer of this.outers) outer.removeEventListener('abort', this.follow);
  }

  private readonly follow = (): void => {
    const aborted = this.outers.find((outer) => outer.aborted);
    if (aborted !== undefined) this.controller.abort(aborted.reason);
  };
}
