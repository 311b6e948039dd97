/** Runs the first piece of work of a turn of the event loop at once, and each further one in a turn of its own, in order. */
export class OneATurn {
  private readonly waiting: (() => void)[] = [];
  private hasRun = false;

  run(work: () => void): void {
    if (this.hasRun) return void this.waiting.push(work);
    work();
    this.hasRun = true;
    setImmediate(() => this.next());
  }

  private next(): void {
    const work = this.waiting.shift();
    this.hasRun = work !== undefined;
    if (work === undefined) return;
    setImmediate(() => this.next());
    work();
  }
}
