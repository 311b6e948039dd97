import { describeError, type Logger } from '@signalbox/platform';

import type { AmqpStatus } from './options.js';

/** A reply code of the broker, such as `403 (ACCESS-REFUSED)`; 320 only means that it is going down. */
const BROKER_SAYS_NO = /\b[45]\d\d \([A-Z_-]+\)/;

/** Follows the state of the broker for others, and tells the log once when it goes and once when it is back. */
export class StatusTracker {
  private status: AmqpStatus = { up: false, sinceMs: Date.now(), blocked: undefined };
  private readonly listeners = new Set<(status: AmqpStatus) => void>();
  /** What has had its line since the broker went: that it is away, and each code with which it refuses us. */
  private readonly told = new Set<string>();

  constructor(private readonly logger: Logger) {}

  get current(): AmqpStatus {
    return this.status;
  }

  listen(listener: (status: AmqpStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(up: boolean, blocked: string | undefined): void {
    const before = this.status;
    if (before.up === up && before.blocked === blocked) return;
    this.status = { up, sinceMs: before.up === up ? before.sinceMs : Date.now(), blocked };
    if (up && !before.up) this.back();
    if (blocked !== undefined && before.blocked === undefined)
      this.logger.warn({ reason: blocked }, 'the broker takes no messages');
    if (up && blocked === undefined && before.blocked !== undefined)
      this.logger.info('the broker takes messages again');
    for (const listener of this.listeners) this.tell(listener);
  }

  failed(error: unknown): void {
    const reason = describeError(error);
    const kind = BROKER_SAYS_NO.exec(reason)?.[0] ?? 'away';
    if (this.told.has(kind)) return this.logger.debug({ reason }, 'the broker is still away');
    this.told.add(kind);
    this.logger.warn({ reason }, 'the broker is away, trying again until it is back');
  }

  private back(): void {
    this.told.clear();
    this.logger.info('connected to the broker');
  }

  private tell(listener: (status: AmqpStatus) => void): void {
    try {
      listener(this.status);
    } catch (error) {
      this.logger.error({ reason: describeError(error) }, 'a status listener failed');
    }
  }
}
