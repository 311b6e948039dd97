/** Items in order of arrival, each of which may stay for the same time. One timer serves them all, however many there are. */
export class ExpiringQueue<T> {
  private readonly due = new Map<T, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stayMs: number,
    /** Called for an item that stayed too long, after its removal. */
    private readonly onExpired: (item: T) => void,
  ) {}

  get size(): number {
    return this.due.size;
  }

  add(item: T): void {
    this.due.set(item, performance.now() + this.stayMs);
    if (!this.timer) this.timer = this.wakeIn(this.stayMs);
  }

  /** Returns false if the item was not (or no longer) there. */
  delete(item: T): boolean {
    return this.due.delete(item);
  }

  /** Removes and returns the oldest. */
  shift(): T | undefined {
    for (const item of this.due.keys()) {
      this.due.delete(item);
      return item;
    }
    return undefined;
  }

  /** The items, oldest first. */
  items(): Iterable<T> {
    return this.due.keys();
  }

  private expire(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const [item, due] of this.due) {
      if (due > now) {
        this.timer = this.wakeIn(due - now);
        return;
      }
      this.due.delete(item);
      this.onExpired(item);
    }
  }

  /** The timer keeps no process alive: what waits here also holds a connection open, which does. */
  private wakeIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.expire(), Math.ceil(ms)).unref();
  }
}
