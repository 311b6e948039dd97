import { Backoff, describeError, wait, type Clock, type Logger } from '@signalbox/platform';
import type { StreamChange } from './append-to-stream.js';
import { Latch } from './latch.js';
import { deleteOutbox, readOutbox, type OutboxRow } from './outbox.js';
import { RelayConnection } from './relay-connection.js';
import { takeEpoch, type Query } from './stream-epoch.js';

type Entries = Iterable<readonly [key: string, value: NonNullable<unknown>]>;

export interface StreamRelayOptions {
  readonly url: string;
  readonly schema: string;
  readonly stream: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Reads the stream's whole content. Runs in the transaction that takes the stream over: nobody writes meanwhile. */
  readonly load: (query: Query) => Promise<Entries>;
  /** This process owns the stream from now on; `entries` is its content at `seq`. */
  readonly onOwned: (owned: { epoch: number; seq: number; entries: Entries }) => void;
  /** Resolves when the broker has confirmed. Called one at a time, in the order of `seq`; again for the same `seq` if it rejects. */
  readonly publish: (delta: { epoch: number; seq: number; changes: StreamChange[] }) => Promise<void>;
  /** The database connection is gone and with it the ownership. Not called for `stop`. */
  readonly onLost: () => void;
}

/** From the take-over until we are stopped or the connection is lost. */
interface Ownership {
  readonly connection: RelayConnection;
  readonly epoch: number;
  readonly ended: AbortSignal;
}

const LOCK_RETRY_MS = 1_000;
const POLL_MS = 1_000;
const BATCH = 100;

/** Brings the committed changes of a stream from the outbox to the broker. Of all processes that run one, one at a time owns the stream. */
export class StreamRelay {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private away = false;
  /** The delta whose failure was told: the same one is tried many times while the broker is away. */
  private refusedSeq = 0;

  constructor(private readonly options: StreamRelayOptions) {}

  /** Tries to own the stream from now on, and keeps trying. */
  start(): void {
    this.running ??= this.run();
  }

  /** Finishes the publish in flight and lets the next process own the stream. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { clock, logger, stream } = this.options;
    const { signal } = this.stopping;
    const backoff = new Backoff({ minMs: 250, maxMs: 5_000 });
    while (!signal.aborted) {
      try {
        await this.session(backoff);
      } catch (error) {
        if (!this.away)
          logger.warn(
            { stream, reason: describeError(error) },
            'cannot own the stream now; trying again until it works',
          );
        this.away = true;
        await wait({ clock, ms: backoff.nextMs(), signal });
      }
    }
  }

  /** One connection's life: wait for the lock, take over, publish. Returns when stopped, throws when the connection is lost. */
  private async session(backoff: Backoff): Promise<void> {
    const { url, schema, stream, logger, onOwned, onLost } = this.options;
    const connection = await RelayConnection.open({ url, schema, applicationName: `${stream} relay` });
    const ended = AbortSignal.any([this.stopping.signal, connection.lost]);
    try {
      if (await this.waitForLock(connection.query, ended)) {
        const owned = await this.takeOver(connection.query);
        if (this.away) logger.info({ stream }, 'owns the stream again');
        this.away = false;
        backoff.reset();
        connection.lost.throwIfAborted();
        connection.lost.addEventListener('abort', onLost);
        onOwned(owned);
        await this.drain({ connection, epoch: owned.epoch, ended });
      }
      connection.lost.throwIfAborted();
    } finally {
      await connection.close();
    }
  }

  private async waitForLock(query: Query, ended: AbortSignal): Promise<boolean> {
    const { schema, stream, clock } = this.options;
    while (!ended.aborted) {
      const [row] = await query<{ locked: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked', [
        `signalbox relay ${schema}.${stream}`,
      ]);
      if (row?.locked) return true;
      await wait({ clock, ms: LOCK_RETRY_MS, signal: ended });
    }
    return false;
  }

  /**
   * The row of the stream is locked first: a writer that has not numbered its changes yet cannot commit before we do, so what is
   * loaded is the content at `seq`. It holds all that the outbox does, and the new epoch makes every replica ask for it.
   */
  private async takeOver(query: Query): Promise<{ epoch: number; seq: number; entries: Entries }> {
    const { stream, clock, load } = this.options;
    await query('BEGIN');
    const { epoch, seq } = await takeEpoch(query, { stream, nowMs: clock.now() });
    await query('DELETE FROM outbox WHERE stream = $1', [stream]);
    const entries = await load(query);
    await query('COMMIT');
    return { epoch, seq, entries };
  }

  private async drain({ connection, epoch, ended }: Ownership): Promise<void> {
    const { schema, stream, clock } = this.options;
    const { query } = connection;
    const backoff = new Backoff({ minMs: 100, maxMs: 5_000 });
    const work = new Latch();
    ended.addEventListener('abort', () => work.open());
    await connection.listen(`outbox:${schema}:${stream}`, () => work.open());

    while (!ended.aborted) {
      work.close();
      const rows = await readOutbox(query, stream, BATCH);
      const published = await this.publishInOrder(rows, epoch, ended);
      const last = rows[published - 1];
      if (last !== undefined) await deleteOutbox(query, stream, last.seq);
      if (rows.length === 0) await work.wait(clock, POLL_MS);
      else if (published === rows.length) backoff.reset();
      else await wait({ clock, ms: backoff.nextMs(), signal: ended });
    }
  }

  /** How many of the rows were confirmed: all, or those before the first that failed. */
  private async publishInOrder(rows: readonly OutboxRow[], epoch: number, ended: AbortSignal): Promise<number> {
    const { stream, logger, publish } = this.options;
    let published = 0;
    for (const { seq, changes } of rows) {
      if (ended.aborted) break;
      try {
        await publish({ epoch, seq, changes });
      } catch (error) {
        if (seq !== this.refusedSeq)
          logger.warn(
            { stream, seq, reason: describeError(error) },
            'a delta was not confirmed; trying again until it is',
          );
        this.refusedSeq = seq;
        break;
      }
      published += 1;
    }
    return published;
  }
}
