/** What a turn tells its class. Each is called once. */
export interface TurnListener {
  /** The work has ended, and the answer is still to be sent. Not called where the turn is over at once. */
  readonly onWorked: () => void;
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
  private state: 'working' | 'worked' | 'over' = 'working';

  constructor(private readonly listener: TurnListener) {}

  /** The work goes on, whatever became of the answer, until the returned function is called. */
  hold(): () => void {
    this.holders += 1;
    return () => {
      this.holders -= 1;
      this.settle();
    };
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
    if (this.state !== 'working') return;
    this.state = 'worked';
    this.listener.onWorked();
  }
}
