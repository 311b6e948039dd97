import { describeError, every, within, type Clock, type Logger } from '@signalbox/platform';
import type { ProbeConnection } from './probe-connection.js';

export interface DatabaseStatus {
  readonly up: boolean;
  /** Unix milliseconds since when it has been so. */
  readonly since: number;
}

export interface DatabaseProbeOptions {
  readonly connection: Pick<ProbeConnection, 'ping' | 'close'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs?: number;
  readonly timeoutMs?: number;
}

/** Knows whether the database answers, by asking now and then: readers of the status never wait. */
export class DatabaseProbe {
  private status: DatabaseStatus;
  private readonly cancel: () => void;
  private stopped = false;

  /** Starts as up: it is made when the first connection stands. */
  constructor(private readonly options: DatabaseProbeOptions) {
    this.status = { up: true, since: options.clock.now() };
    const { clock, everyMs: ms = 5_000 } = options;
    this.cancel = every({ clock, ms }, () => this.probe());
  }

  current(): DatabaseStatus {
    return this.status;
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
    void this.options.connection.close();
  }

  private async probe(): Promise<void> {
    const { connection, clock, timeoutMs = 3_000 } = this.options;
    try {
      await within({ clock, ms: timeoutMs }, connection.ping());
      this.note(true);
    } catch (error) {
      this.note(false, error);
    }
  }

  private note(up: boolean, error?: unknown): void {
    if (up === this.status.up || this.stopped) return;
    const { clock, logger } = this.options;
    const awayMs = clock.now() - this.status.since;
    this.status = { up, since: clock.now() };
    if (up) logger.info({ away_ms: awayMs }, 'the database answers again');
    else logger.warn({ reason: describeError(error) }, 'the database does not answer');
  }
}
