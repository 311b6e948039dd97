import { backoffMs } from './backoff.js';
import { BrokerSession, reasonOf } from './broker-session.js';
import { urlOf, type UrlSource } from './broker-url.js';
import type { Log, LogLine } from './log-line.js';

export interface BrokerPublisherOptions {
  readonly source: UrlSource;
  readonly exchange: string;
  readonly log: Log;
  /** Called with each new session, before `onChange`. */
  readonly onSession: (session: BrokerSession) => void;
  /** Called with true when messages can be published (again), with false when they no longer can. */
  readonly onChange: (isUp: boolean) => void;
}

/** Publishes over one connection, which is opened again whenever it ends, until this is closed. */
export class BrokerPublisher {
  private place = 'the broker';
  private session: BrokerSession | undefined;
  private closed = false;
  /** Consecutive connections that ended before a message was confirmed. Only a publish shows that the exchange is missing. */
  private failures = 0;
  private retry: NodeJS.Timeout | undefined;
  private lastLogged = '';

  constructor(private readonly options: BrokerPublisherOptions) {}

  get isUp(): boolean {
    return this.session !== undefined && !this.session.isBlocked;
  }

  async open(): Promise<void> {
    try {
      const url = urlOf(this.options.source);
      const { host, pathname } = new URL(url);
      this.place = `${host}${pathname}`;
      const session = await BrokerSession.open(url, (reason) => this.retryLater(reason));
      session.onUnblocked(() => this.options.onChange(true));
      this.session = session;
      this.options.onSession(session);
      this.options.onChange(true);
    } catch (error) {
      this.retryLater(reasonOf(error));
    }
  }

  /** Resolves when the broker has confirmed the message. Rejects when it cannot: the connection has ended then. */
  async publish(routingKey: string, body: Buffer): Promise<void> {
    if (!this.session) throw new Error('not connected to the broker');
    await this.session.publish(this.options.exchange, routingKey, body);
    this.failures = 0;
    this.logOnce({ level: 'info', text: `heartbeats reach ${this.place}` });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.session?.end('closed');
  }

  private retryLater(reason: string): void {
    this.session = undefined;
    if (this.closed) return;
    this.failures += 1;
    this.logOnce({ level: 'warn', text: `heartbeats do not reach ${this.place}: ${reason}; retrying` });
    this.retry = setTimeout(() => void this.open(), backoffMs(this.failures, Math.random()));
    this.options.onChange(false);
  }

  private logOnce(line: LogLine): void {
    if (line.text !== this.lastLogged) this.options.log(line);
    this.lastLogged = line.text;
  }
}
