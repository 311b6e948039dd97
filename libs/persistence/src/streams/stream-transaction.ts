import type { JsonValue } from '@signalbox/platform';
import type { EntityManager } from 'typeorm';
import type { StreamChange } from './stream-change.js';

/**
 * A transaction of a service that owns a state stream. It collects what changes in the stream; when the work is done, the
 * changes are appended to the stream as the last statement before the commit. See `Database.streamTransaction`.
 */
export class StreamTransaction {
  private readonly collected = new Map<string, JsonValue | null>();

  private readonly others: { readonly channel: string; readonly payload: JsonValue }[] = [];

  private readonly followUps: (() => void)[] = [];

  /** @param manager runs the statements of this transaction */
  constructor(readonly manager: EntityManager) {}

  /**
   * Waits for the advisory lock with this name and holds it until the transaction ends. All services share one database:
   * the name must say what is locked, for example `registry project sales`.
   */
  async lock(name: string): Promise<void> {
    await this.manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
  }

  /** Sets an entry of the stream. Of several changes to one key the last one counts. */
  put(key: string, value: NonNullable<JsonValue>): void {
    this.collected.set(key, value);
  }

  /** Removes an entry of the stream. */
  remove(key: string): void {
    this.collected.set(key, null);
  }

  /** Appends a row to another channel of the outbox, which a relay publishes. The channel must have been created: see `createChannel`. */
  send(channel: string, payload: JsonValue): void {
    this.others.push({ channel, payload });
  }

  /** Runs this when the transaction is committed, and not where it is rolled back. It must not throw. */
  afterCommit(followUp: () => void): void {
    this.followUps.push(followUp);
  }

  /** The transaction is committed. */
  committed(): void {
    for (const followUp of this.followUps) followUp();
  }

  /** The rows for other channels, in the order of `send`. */
  sent(): readonly { readonly channel: string; readonly payload: JsonValue }[] {
    return this.others;
  }

  /** One change a key, in the order in which the keys were first changed. */
  changes(): StreamChange[] {
    return [...this.collected].map(([key, value]) => ({ key, value }));
  }
}
