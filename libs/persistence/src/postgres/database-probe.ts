import { describeError, every, within, type Clock, type Logger } from '@signalbox/platform';
import type { ReservedConnection } from './reserved-connection.js';

export interface DatabaseStatus {
  readonly up: boolean;
  /** Unix milliseconds since when it has been so. */
  readonly since: number;
  /** When the last answered ping was sent, ms of the monotonic clock. */
  readonly answeredAtMs: number;
  /** How long that answer took; undefined before the first. */
  readonly roundTripMs: number | undefined;
}

export interface DatabaseProbeOptions {
  readonly connection: Pick<ReservedConnection, 'query' | 'close'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs?: number;
  readonly timeoutMs?: number;
}

/** Pings the database in the background, so that readers of its status never wait. */
export class DatabaseProbe {
  private status: DatabaseStatus;
  private readonly cancel: () => void;
  private stopped = false;

  /** Starts as up: it is created when the first connection has been made. */
  constructor(private readonly options: DatabaseProbeOptions) {
    this.status = {
      up: true,
      since: options.clock.now(),
      answeredAtMs: options.clock.monotonic(),
      roundTripMs: undefined,
    };
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
    const sentAtMs = clock.monotonic();
    try {
      await within({ clock, ms: timeoutMs }, connection.query('SELECT 1'));
      this.status = { ...this.status, answeredAtMs: sentAtMs, roundTripMs: clock.monotonic() - sentAtMs };
      this.note(true);
    } catch (error) {
      this.note(false, error);
    }
  }

  private note(up: boolean, error?: unknown): void {
    if (up === this.status.up || this.stopped) return;
    const { clock, logger } = this.options;
    const unavailableMs = clock.now() - this.status.since;
    this.status = { ...this.status, up, since: clock.now() };
    if (up) logger.info({ unavailable_ms: unavailableMs }, 'database answers again');
    else logger.warn({ reason: describeError(error) }, 'database does not answer');
  }
}
