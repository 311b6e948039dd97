import { backoffMs } from './backoff.js';
import { BrokerSession, reasonOf } from './broker-session.js';
import type { Log, LogLine } from './log-line.js';

export interface BrokerLineOptions {
  readonly url: string;
  readonly exchange: string;
  readonly log: Log;
  /** Called when there is a way to the broker (again), and when there is none any more. */
  readonly onChange: (isUp: boolean) => void;
}

/** A way to the broker that is made again, for ever, until it is closed. */
export class BrokerLine {
  private readonly place: string;
  private session: BrokerSession | undefined;
  private closed = false;
  /** Attempts in a row that ended before a message was confirmed: a missing exchange shows only then. */
  private failures = 0;
  private retry: NodeJS.Timeout | undefined;
  private lastSaid = '';

  constructor(private readonly options: BrokerLineOptions) {
    const { host, pathname } = new URL(options.url);
    this.place = `${host}${pathname}`;
  }

  get isUp(): boolean {
    return this.session !== undefined && !this.session.isBlocked;
  }

  async open(): Promise<void> {
    try {
      const session = await BrokerSession.open(this.options.url, (reason) => this.tryAgain(reason));
      session.onUnblocked(() => this.options.onChange(true));
      this.session = session;
      this.options.onChange(true);
    } catch (error) {
      this.tryAgain(reasonOf(error));
    }
  }

  /** Resolves when the broker has confirmed the message; rejects when that will not happen: the line is down then. */
  async publish(routingKey: string, body: Buffer): Promise<void> {
    if (!this.session) throw new Error('there is no connection');
    await this.session.publish(this.options.exchange, routingKey, body);
    this.failures = 0;
    this.sayOnce({ level: 'info', text: `heartbeats reach ${this.place}` });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.session?.end('closed');
  }

  private tryAgain(reason: string): void {
    this.session = undefined;
    if (this.closed) return;
    this.failures += 1;
    this.sayOnce({ level: 'warn', text: `heartbeats do not reach ${this.place}: ${reason}; trying again` });
    this.retry = setTimeout(() => void this.open(), backoffMs(this.failures, Math.random()));
    this.options.onChange(false);
  }

  private sayOnce(line: LogLine): void {
    if (line.text !== this.lastSaid) this.options.log(line);
    this.lastSaid = line.text;
  }
}
