import { FairQueue } from '@signalbox/platform';
import type { ClassLimits } from './work-class.rules.js';

/** Of what there is too much: of the requests of this caller, or of all. */
export type Fullness = 'caller' | 'all';

/** A request that wants to begin. */
export interface Entrant {
  readonly caller: string;
  readonly begin: () => void;
  /** Instead of `begin`: there is no place for it. */
  readonly refuse: (full: Fullness) => void;
}

/** The requests of one class of work: how many are at work, and which begins next. Callers take turns. */
export class ClassQueue {
  private readonly queue = new FairQueue<Entrant>();
  /** By caller, with those that rest. */
  private readonly atWork = new Map<string, number>();
  private readonly resting = new Set<Entrant>();
  /** Of those, the ones that have something to do again, and what is called when they begin. */
  private readonly resuming = new Map<Entrant, () => void>();
  private atWorkInAll = 0;

  constructor(private readonly limits: ClassLimits) {}

  get counts(): { readonly atWork: number; readonly waiting: number } {
    return { atWork: this.atWorkInAll, waiting: this.queue.length };
  }

  /**
   * Begins it now or later, or refuses it now. Where the queue is full of requests of others, the newest of the caller that has the most is
   * refused in its place.
   */
  enter(entrant: Entrant): void {
    const { caller } = entrant;
    if (this.hasPlaceFor(caller)) return this.begin(entrant);
    if (this.isFullFor(caller)) return entrant.refuse('caller');
    if (this.queue.length >= this.limits.waiting.inAll) {
      const displaced = this.queue.takeFromLongest(caller);
      if (displaced === undefined) return entrant.refuse('all');
      displaced.refuse('caller');
    }
    this.queue.add(caller, entrant);
  }

  /** Whether a request of the caller would be refused for those that it has itself. */
  isFullFor(caller: string): boolean {
    return !this.hasPlaceFor(caller) && this.queue.lengthOf(caller) >= this.limits.waiting.perCaller;
  }

  /** What a request of the caller waits for: that its own places are free, or those of all. */
  whatIsFullFor(caller: string): Fullness {
    return this.atWorkOf(caller) >= this.limits.atOnce.perCaller ? 'caller' : 'all';
  }

  /** It does not wait any more. False where it did not wait. */
  leave(entrant: Entrant): boolean {
    return this.queue.remove(entrant.caller, entrant);
  }

  /** For one that had begun there is nothing to do: its body is to come, or its answer is being sent. It keeps a place of its caller, and none of all. */
  rest(entrant: Entrant): void {
    this.resting.add(entrant);
    this.atWorkInAll -= 1;
    this.beginNext();
  }

  /** One that rests has something to do again: it goes before those that have not begun. */
  resume(entrant: Entrant, begin: () => void): void {
    this.resuming.set(entrant, begin);
    this.beginNext();
  }

  /** One that had begun has ended. */
  end(entrant: Entrant): void {
    const { caller } = entrant;
    const left = this.atWorkOf(caller) - 1;
    if (left > 0) this.atWork.set(caller, left);
    else this.atWork.delete(caller);
    if (!this.resting.delete(entrant)) this.atWorkInAll -= 1;
    this.resuming.delete(entrant);
    this.beginNext();
  }

  private beginNext(): void {
    for (const [entrant, begin] of this.resuming) {
      if (this.atWorkInAll >= this.limits.atOnce.inAll) return;
      this.resuming.delete(entrant);
      this.resting.delete(entrant);
      this.atWorkInAll += 1;
      begin();
    }
    for (let next = this.next(); next !== undefined; next = this.next()) this.begin(next);
  }

  private next(): Entrant | undefined {
    return this.queue.take((caller) => caller !== undefined && this.hasPlaceFor(caller));
  }

  private hasPlaceFor(caller: string): boolean {
    const { inAll, perCaller } = this.limits.atOnce;
    return this.atWorkInAll < inAll && this.atWorkOf(caller) < perCaller;
  }

  private atWorkOf(caller: string): number {
    return this.atWork.get(caller) ?? 0;
  }

  private begin(entrant: Entrant): void {
    this.atWork.set(entrant.caller, this.atWorkOf(entrant.caller) + 1);
    this.atWorkInAll += 1;
    entrant.begin();
  }
}
