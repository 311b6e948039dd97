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
  /** By caller, also those whose answers are being sent. */
  private readonly atWork = new Map<string, number>();
  /** Whose work has ended, and whose answer is being sent. */
  private readonly answering = new Set<Entrant>();
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

  /** The work of one that had begun has ended. Until its answer was sent it has a place of its caller, and none of all. */
  worked(entrant: Entrant): void {
    this.answering.add(entrant);
    this.atWorkInAll -= 1;
    this.beginNext();
  }

  /** One that had begun has ended. */
  end(entrant: Entrant): void {
    const { caller } = entrant;
    const left = this.atWorkOf(caller) - 1;
    if (left > 0) this.atWork.set(caller, left);
    else this.atWork.delete(caller);
    if (!this.answering.delete(entrant)) this.atWorkInAll -= 1;
    this.beginNext();
  }

  private beginNext(): void {
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
