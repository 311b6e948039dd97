/** Operations that are remembered as cancelled: their commands may wait behind others. Further ones replace the oldest. */
const REMEMBERED = 10_000;

/** The operations that this agent received commands to cancel, before or after it received their commands. */
export class CancelledOperations {
  private readonly ids = new Set<string>();
  private readonly running = new Map<string, AbortController>();

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(id: string): void {
    this.ids.delete(id);
    this.ids.add(id);
    const [oldest] = this.ids;
    if (this.ids.size > REMEMBERED && oldest !== undefined) this.ids.delete(oldest);
    this.running.get(id)?.abort();
  }

  /** Of an operation that is about to run: aborted when it is cancelled, or at once. To be called once a run; {@link ended} ends it. */
  signal(id: string): AbortSignal {
    const controller = new AbortController();
    this.running.set(id, controller);
    if (this.ids.has(id)) controller.abort();
    return controller.signal;
  }

  ended(id: string): void {
    this.running.delete(id);
  }
}
