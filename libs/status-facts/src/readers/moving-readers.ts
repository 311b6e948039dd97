import type { Clock } from '@signalbox/platform';

/** A partition that is new may have no owner yet. What it does not show by then is gone. */
const SHOWN_FOR_MS = 10_000;

/** Readers that have left a partition while another one was not known: they are shown as they were until it is. */
export class MovingReaders {
  /** Ids by partition. */
  private readonly ids = new Map<number, Set<string>>();
  private cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly remove: (partition: number, readerId: string) => void,
  ) {}

  left(partition: number, readerId: string): void {
    const ids = this.ids.get(partition) ?? new Set();
    this.ids.set(partition, ids.add(readerId));
    this.cancel ??= this.clock.schedule(SHOWN_FOR_MS, () => this.end(), { background: true });
  }

  /** It is in this partition now, another one or the one that it had left. */
  arrived(partition: number, readerId: string): void {
    for (const [before, ids] of this.ids)
      if (ids.delete(readerId) && before !== partition) this.remove(before, readerId);
  }

  /** Ends showing those of one partition. */
  endOf(partition: number): void {
    const ids = this.ids.get(partition) ?? [];
    this.ids.delete(partition);
    for (const readerId of ids) this.remove(partition, readerId);
  }

  /** Ends showing all of them. */
  end(): void {
    this.cancel?.();
    this.cancel = undefined;
    for (const partition of this.ids.keys()) this.endOf(partition);
  }
}
