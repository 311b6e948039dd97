import { Backoff, describeError, LinkedAbort, wait, type Changing } from '@signalbox/platform';
import type { Query } from '../postgres/query.js';
import { OutboxDrain, type OutboxDrainOptions } from './outbox-drain.js';
import { DedicatedConnection } from '../postgres/dedicated-connection.js';

export interface OutboxRelayOptions<Payload, Owned> extends OutboxDrainOptions<Payload> {
  readonly url: Changing<string>;
  /** Runs on the relay's own connection when it holds the channel's lock and before it publishes anything. */
  readonly takeOver: (query: Query) => Promise<Owned>;
  /** This process publishes the channel from now on. */
  readonly onOwned: (owned: Owned) => void;
  /** The database connection was lost and with it the channel's lock. Not called for `stop`. */
  readonly onLost: () => void;
}

const LOCK_RETRY_MS = 1_000;

/** Publishes the rows of an outbox channel. Of all processes that run a relay for the channel, the one that holds its lock publishes. */
export class OutboxRelay<Payload, Owned> {
  private readonly stopping = new AbortController();
  private readonly outbox: OutboxDrain<Payload>;
  private running: Promise<void> | undefined;
  /** Why the last try failed; undefined: it did not. */
  private failure: string | undefined;

  constructor(private readonly options: OutboxRelayOptions<Payload, Owned>) {
    this.outbox = new OutboxDrain(options);
  }

  /** Tries to take the channel over from now on, and keeps trying. */
  start(): void {
    this.running ??= this.run();
  }

  /** Finishes the publish in flight and lets another process take the channel over. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { clock, logger, channel } = this.options;
    const { signal } = this.stopping;
    const backoff = new Backoff({ minMs: 250, maxMs: 5_000 });
    while (!signal.aborted) {
      try {
        await this.session(backoff);
      } catch (error) {
        const reason = describeError(error);
        if (reason !== this.failure) logger.warn({ channel, reason }, 'cannot take over the outbox channel, retrying');
        this.failure = reason;
        await wait({ clock, ms: backoff.nextMs(), signal });
      }
    }
  }

  /** One connection: waits for the lock, takes over, publishes. Returns when stopped. @throws when the connection is lost */
  private async session(backoff: Backoff): Promise<void> {
    const { url, schema, channel, logger, takeOver, onOwned, onLost } = this.options;
    const connection = await DedicatedConnection.open({ url, schema, applicationName: `${channel} relay` });
    const ended = new LinkedAbort(this.stopping.signal, connection.lost);
    try {
      if (await this.waitForLock(connection.query, ended.signal)) {
        const owned = await takeOver(connection.query);
        if (this.failure !== undefined) logger.info({ channel }, 'took over the outbox channel after a failure');
        this.failure = undefined;
        backoff.reset();
        connection.lost.throwIfAborted();
        connection.lost.addEventListener('abort', onLost);
        onOwned(owned);
        await this.outbox.run(connection, ended.signal);
      }
      connection.lost.throwIfAborted();
    } finally {
      ended.end();
      await connection.close();
    }
  }

  private async waitForLock(query: Query, ended: AbortSignal): Promise<boolean> {
    const { schema, channel, clock } = this.options;
    while (!ended.aborted) {
      const [row] = await query<{ locked: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked', [
        `signalbox relay ${schema}.${channel}`,
      ]);
      if (row?.locked) return true;
      await wait({ clock, ms: LOCK_RETRY_MS, signal: ended });
    }
    return false;
  }
}
