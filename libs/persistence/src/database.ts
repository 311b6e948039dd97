import { every, type Clock, type JsonValue } from '@signalbox/platform';
import type { DataSource, EntityManager } from 'typeorm';
import { deleteOldMessages, keep, receive, type InboxKey, type Outcome } from './inbox.js';
import { appendToOutbox } from './outbox/outbox.js';
import type { DatabaseProbe, DatabaseStatus } from './postgres/database-probe.js';
import type { ReservedConnection } from './postgres/reserved-connection.js';
import { isTemporary } from './postgres/database.errors.js';
import { DeadlinePassed } from './postgres/deadline-passed.error.js';
import { OutcomeUnknown } from './postgres/outcome-unknown.error.js';
import { StreamTransaction } from './streams/stream-transaction.js';

export interface HandledMessage extends InboxKey {
  /** Unix ms after which the sender no longer waits for the effect. */
  readonly deadline?: number | undefined;
}

export interface OnceOptions extends HandledMessage {
  /** The stream that the changes are appended to. */
  readonly stream: string;
}

/** What a committed stream transaction returned, and the number of its changes; undefined where it changed no entry. */
export interface StreamOutcome<Result> {
  readonly result: Result;
  readonly seq: number | undefined;
}

const INBOX_KEPT_MS = 24 * 60 * 60 * 1_000;
const INBOX_CLEANED_EVERY_MS = 10 * 60 * 1_000;

export interface DatabaseParts {
  readonly probe: DatabaseProbe;
  readonly reserved: ReservedConnection;
  readonly clock: Clock;
}

/** The migrated schema of a service, behind a pool of connections. */
export class Database {
  private readonly running = new Set<Promise<unknown>>();
  private stopCleaning: (() => void) | undefined;
  private readonly probe: DatabaseProbe;
  private readonly clock: Clock;
  /**
   * For small statements that must be in time, whatever runs in the pool and however busy the disk is: their commits do not wait for it, and the last ones
   * may be lost with the server. They run one after the other.
   */
  readonly reserved: ReservedConnection;

  constructor(
    /** For repositories and queries outside a transaction. */
    readonly dataSource: DataSource,
    parts: DatabaseParts,
  ) {
    this.probe = parts.probe;
    this.reserved = parts.reserved;
    this.clock = parts.clock;
  }

  /** The last result of the probe, a few seconds old at most. No query. */
  status(): DatabaseStatus {
    return this.probe.current();
  }

  /**
   * Commits when `work` resolves and rolls back when it rejects. `work` must run its statements on the given manager.
   * @throws OutcomeUnknown when the connection was lost during the commit; after any other error nothing was changed
   */
  async transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    const transaction = this.run(work);
    this.running.add(transaction);
    try {
      return await transaction;
    } finally {
      this.running.delete(transaction);
    }
  }

  /**
   * A transaction whose changes of the stream are appended to it in one delta, by its last statement; no delta where `work`
   * changed no entry. Needs the tables of `createStreamTables`.
   * @throws OutcomeUnknown when the connection was lost during the commit; after any other error nothing was changed
   */
  async streamTransaction<Result>(
    stream: string,
    work: (transaction: StreamTransaction) => Promise<Result>,
  ): Promise<StreamOutcome<Result>> {
    const { transaction, ...outcome } = await this.transaction(async (manager) => {
      const transaction = new StreamTransaction(manager);
      const result = await work(transaction);
      const payload = transaction.changes();
      await appendSent(transaction);
      const seq = payload.length === 0 ? undefined : await appendToOutbox(manager, { channel: stream, payload });
      return { transaction, result, seq };
    });
    transaction.committed();
    return outcome;
  }

  /**
   * Handles a message once within a day, however often it is delivered: a stream transaction that also stores the reply that
   * `work` returns. The same message is answered with the stored reply from then on. An error of `work` leaves no trace, and
   * the message may be delivered again. Needs the table of `createInboxTable`.
   * @throws OutcomeUnknown when the connection was lost during the commit: another call with the same message finds out;
   * DeadlinePassed when it had to wait for a connection until after the deadline
   */
  async once<Reply extends JsonValue>(
    { stream, deadline, ...key }: OnceOptions,
    work: (transaction: StreamTransaction) => Promise<Reply>,
  ): Promise<Outcome<Reply>> {
    this.stopCleaning ??= this.cleanInbox();
    let transaction: StreamTransaction | undefined;
    const outcome = await this.transaction(async (manager) => {
      this.checkDeadline(deadline);
      const known = await receive<Reply>(manager, key);
      if (known !== undefined) return known;
      transaction = new StreamTransaction(manager);
      const reply = await work(transaction);
      await appendSent(transaction);
      const seq = await keep(manager, { key, reply, stream, changes: transaction.changes() });
      return { reply, seq, replayed: false };
    });
    transaction?.committed();
    return outcome;
  }

  /**
   * The outcome that `once` stored for a message; undefined where it was not handled. Waits for a transaction that is handling
   * the message now, so that the answer does not change right after.
   * @throws DeadlinePassed when it had to wait for a connection until after the deadline
   */
  async outcomeOf<Reply extends JsonValue>({ deadline, ...key }: HandledMessage): Promise<Outcome<Reply> | undefined> {
    const untouched = new Error('the message was not handled');
    try {
      return await this.transaction(async (manager) => {
        this.checkDeadline(deadline);
        const known = await receive<Reply>(manager, key);
        if (known === undefined) throw untouched;
        return known;
      });
    } catch (error) {
      if (error === untouched) return undefined;
      throw error;
    }
  }

  /** What a query for figures returns; undefined while the database is known not to answer, instead of waiting for it. */
  async ifUp<Result>(query: (manager: EntityManager) => Promise<Result>): Promise<Result | undefined> {
    return this.status().up ? query(this.dataSource.manager) : undefined;
  }

  /** Waits for running transactions, which TypeORM would cut off, then closes the pool. */
  async close(): Promise<void> {
    this.probe.stop();
    this.stopCleaning?.();
    await Promise.allSettled(this.running);
    await this.reserved.close();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async run<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    let committing = false;
    try {
      return await this.dataSource.transaction(async (manager) => {
        const result = await work(manager);
        committing = true;
        return result;
      });
    } catch (error) {
      if (committing && isTemporary(error))
        throw new OutcomeUnknown('the database connection was lost during a commit', { cause: error });
      throw error;
    }
  }

  private checkDeadline(deadline: number | undefined): void {
    if (deadline !== undefined && deadline < this.clock.now())
      throw new DeadlinePassed('the deadline passed before a database connection was free');
  }

  private cleanInbox(): () => void {
    return every({ clock: this.clock, ms: INBOX_CLEANED_EVERY_MS, background: true }, async () => {
      // A failure is left to the next run.
      await deleteOldMessages(this.dataSource.manager, INBOX_KEPT_MS).catch(() => undefined);
    });
  }
}

/** Before the changes of the stream, in all transactions: channels are locked until the commit, so they need one order. */
async function appendSent(transaction: StreamTransaction): Promise<void> {
  for (const row of transaction.sent()) await appendToOutbox(transaction.manager, row);
}
