/** The place that a request has among those of its class. It is free when the answer and the work for it have ended, or earlier. */
export class Turn {
  private holders = 0;
  private isOver = false;

  /** @param over called once, when the place is free */
  constructor(private readonly over: () => void) {}

  /** Holds the place until the returned function is called; others may hold it longer. */
  hold(): () => void {
    this.holders += 1;
    return () => {
      this.holders -= 1;
      if (this.holders === 0) this.end();
    };
  }

  /** Frees the place before the answer: what follows is hardly work. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.over();
  }
}
