import type { Clock } from '@signalbox/platform';

interface Waiter {
  readonly seq: number;
  readonly release: () => void;
}

/** Callers that wait until a replica has reached a seq. */
export class SeqWaiters {
  private waiters: Waiter[] = [];

  constructor(private readonly clock: Clock) {}

  /** @param reachedSeq the replica's seq; undefined while none counts as reached */
  wait({
    seq,
    reachedSeq,
    withinMs,
  }: {
    seq: number;
    reachedSeq: number | undefined;
    withinMs: number;
  }): Promise<boolean> {
    if (reachedSeq !== undefined && reachedSeq >= seq) return Promise.resolve(true);
    return new Promise((resolve) => {
      const cancel = this.clock.schedule(withinMs, () => {
        this.waiters = this.waiters.filter((each) => each !== waiter);
        resolve(false);
      });
      const waiter: Waiter = {
        seq,
        release: () => {
          cancel();
          resolve(true);
        },
      };
      this.waiters.push(waiter);
    });
  }

  release(reachedSeq: number | undefined): void {
    if (this.waiters.length === 0 || reachedSeq === undefined) return;
    const released = this.waiters.filter(({ seq }) => seq <= reachedSeq);
    this.waiters = this.waiters.filter(({ seq }) => seq > reachedSeq);
    for (const { release } of released) release();
  }
}
