import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { ApiError } from '../errors/api-error.js';
import { ClassQueue, type Entrant } from './class-queue.rules.js';
import { Turn, type TurnListener } from './turn.js';
import { noTurn } from './turn-errors.js';
import { CLASS_LIMITS, LIMITED_CLASSES, type LimitedClass } from './work-class.rules.js';

/** The longest wait for a turn, ms. */
const LONGEST_WAIT_MS = 30_000;

export interface TurnRequest {
  readonly work: LimitedClass;
  /** Those with the same name take turns as one. */
  readonly caller: string;
  /** Calls the listener when the client is gone. */
  readonly onGone: (listener: () => void) => void;
}

/** Decides when a request begins: each class of work has its own places and its own queue, in which callers take turns. */
@Injectable()
export class Turns {
  private readonly queues = new Map(LIMITED_CLASSES.map((work) => [work, new ClassQueue(CLASS_LIMITS[work])]));

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  countsOf(work: LimitedClass): ClassQueue['counts'] {
    return this.queues.get(work)!.counts;
  }

  /** Why a request of the caller would be refused now for those that it has itself; undefined where it would not. */
  refusalOf(work: LimitedClass, caller: string): ApiError | undefined {
    return this.queues.get(work)!.isFullFor(caller) ? noTurn(work, 'caller') : undefined;
  }

  /**
   * A promise only where it has to wait. The caller that gets the turn holds it.
   * @throws ApiError 429 or 503: at once where the queue is full, or after half a minute in it
   */
  take({ work, caller, onGone }: TurnRequest): Turn | Promise<Turn> {
    const queue = this.queues.get(work)!;
    const entrant = new WaitingRequest(caller, {
      onRest: () => queue.rest(entrant),
      onResume: (listener) => queue.resume(entrant, listener),
      onOver: () => queue.end(entrant),
    });
    queue.enter(entrant);
    if (entrant.turn !== undefined) return entrant.turn;
    if (entrant.refusal !== undefined) throw noTurn(work, entrant.refusal);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        if (queue.leave(entrant)) settled();
      };
      const settled = (): void => {
        cancel();
        if (entrant.turn === undefined) reject(noTurn(work, entrant.refusal ?? queue.whatIsFullFor(caller)));
        else resolve(entrant.turn);
      };
      entrant.onSettled = settled;
      const cancel = this.clock.schedule(LONGEST_WAIT_MS, leave);
      onGone(leave);
    });
  }
}

class WaitingRequest implements Entrant {
  turn: Turn | undefined;
  refusal: Parameters<Entrant['refuse']>[0] | undefined;
  onSettled: () => void = () => undefined;

  constructor(
    readonly caller: string,
    private readonly listener: TurnListener,
  ) {}

  begin(): void {
    this.turn = new Turn(this.listener);
    this.onSettled();
  }

  refuse(full: NonNullable<WaitingRequest['refusal']>): void {
    this.refusal = full;
    this.onSettled();
  }
}
