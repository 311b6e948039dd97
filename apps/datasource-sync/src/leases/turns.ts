import type { Clock } from '@signalbox/platform';

export interface TurnsOptions {
  readonly clock: Clock;
  /** The longest pause between two turns. */
  readonly everyMs: number;
  /** Must not reject. */
  readonly run: () => Promise<void>;
}

/** Runs turns one after the other: regularly, and as soon as possible when something asks for one. */
export class Turns {
  private last: Promise<void> = Promise.resolve();
  private isPlanned = false;
  private isStopped = false;
  private cancelTimer = (): void => undefined;

  constructor(private readonly options: TurnsOptions) {}

  /** A turn begins when the one in progress has ended. */
  wake(): void {
    if (this.isPlanned || this.isStopped) return;
    this.isPlanned = true;
    this.last = this.last.then(() => this.turn());
  }

  /** Resolves when no turn is in progress any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancelTimer();
    await this.last;
  }

  private async turn(): Promise<void> {
    this.isPlanned = false;
    this.cancelTimer();
    if (this.isStopped) return;
    await this.options.run();
    if (!this.isStopped)
      this.cancelTimer = this.options.clock.schedule(this.options.everyMs, () => this.wake(), { background: true });
  }
}
