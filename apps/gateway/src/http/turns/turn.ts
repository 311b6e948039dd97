/** What a turn reports to its class. */
export interface TurnListener {
  /** The request is not at work any more, and keeps the place of its caller. Not called where the turn is over at once. */
  readonly onRest: () => void;
  /** It is to be at work again. Calls the listener when there is a place, unless it is over before. */
  readonly onResume: (listener: () => void) => void;
  readonly onOver: () => void;
}

/**
 * The place that a request has among those of its class, until the work for it has ended. Until its answer was sent, too, it is one of those of
 * its caller: an answer that a client does not take keeps no other caller waiting.
 */
export class Turn {
  private holders = 0;
  private isAnswered = false;
  private isSent = false;
  private state: 'working' | 'resting' | 'over' = 'working';

  constructor(private readonly listener: TurnListener) {}

  /** The work goes on, whatever became of the answer, until the returned function is called. */
  hold(): () => void {
    this.holders += 1;
    return () => {
      this.holders -= 1;
      this.settle();
    };
  }

  /** Gives its place to others: there is nothing to do now. */
  rest(): void {
    if (this.state !== 'working') return;
    this.state = 'resting';
    this.listener.onRest();
  }

  /** Calls the listener when it has a place: at once where it does not rest, and not at all where it is over before. */
  resume(listener: () => void): void {
    if (this.state !== 'resting') return listener();
    this.listener.onResume(() => {
      this.state = 'working';
      listener();
    });
  }

  /** There is an answer to be sent. */
  answered(): void {
    this.isAnswered = true;
    this.settle();
  }

  /** The answer was sent, or the client has left. */
  sent(): void {
    this.isAnswered = true;
    this.isSent = true;
    this.settle();
  }

  /** Ends it before the answer: what follows is hardly work. */
  end(): void {
    if (this.state === 'over') return;
    this.state = 'over';
    this.listener.onOver();
  }

  private settle(): void {
    if (this.holders > 0 || !this.isAnswered) return;
    if (this.isSent) return this.end();
    this.rest();
  }
}
