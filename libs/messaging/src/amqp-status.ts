import { describeError, type Logger } from '@signalbox/platform';

import type { AmqpStatus } from './options.js';

/** A reply code of the broker, such as `403 (ACCESS-REFUSED)`; 320 only means that it is going down. */
const BROKER_REFUSAL = /\b[45]\d\d \([A-Z_-]+\)/;

/** What the broker says of an exchange whose type a plugin has. */
const UNKNOWN_TYPE = /(?:unknown|invalid) exchange type '?x-consistent-hash/;

const withWayOut = (reason: string): string =>
  UNKNOWN_TYPE.test(reason)
    ? `${reason}. The plugin rabbitmq_consistent_hash_exchange is missing: run \`rabbitmq-plugins enable rabbitmq_consistent_hash_exchange\` on each node of the broker`
    : reason;

/** Follows the state of the broker, and logs each loss and each return of it once. */
export class StatusTracker {
  private status: AmqpStatus = { up: false, sinceMs: Date.now(), blocked: undefined };
  private readonly listeners = new Set<(status: AmqpStatus) => void>();
  /** What was logged since the broker was lost: of each host that it is unavailable, and each code with which it refuses us. */
  private readonly logged = new Set<string>();

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
    for (const listener of this.listeners) this.notify(listener);
  }

  failed(error: unknown, host: string): void {
    const reason = withWayOut(describeError(error));
    const kind = `${host} ${BROKER_REFUSAL.exec(reason)?.[0] ?? 'unavailable'}`;
    if (this.logged.has(kind)) return this.logger.debug({ host, reason }, 'the broker is still unavailable');
    this.logged.add(kind);
    this.logger.warn({ host, reason }, 'the broker is unavailable; retrying until it is connected');
  }

  private back(): void {
    this.logged.clear();
    this.logger.info('connected to the broker');
  }

  private notify(listener: (status: AmqpStatus) => void): void {
    try {
      listener(this.status);
    } catch (error) {
      this.logger.error({ reason: describeError(error) }, 'a status listener failed');
    }
  }
}
