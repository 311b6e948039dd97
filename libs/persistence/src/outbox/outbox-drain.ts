import { Backoff, describeError, wait, type Clock, type Logger } from '@signalbox/platform';
import { Latch } from './latch.js';
import { deleteOutbox, notificationOf, readOutbox, type OutboxRow } from './outbox.js';
import type { DedicatedConnection } from '../postgres/dedicated-connection.js';

export interface OutboxDrainOptions<Payload> {
  readonly schema: string;
  readonly channel: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Resolves when the broker has confirmed. Called for one row at a time, in the order of `seq`; again for the same row if it rejects. */
  readonly publish: (row: OutboxRow<Payload>) => Promise<void>;
  /** How long a row may fail before that is logged; default 0. */
  readonly patienceMs?: number;
}

const POLL_MS = 1_000;
const BATCH = 100;

/** Publishes the rows of a channel in order and deletes what was confirmed. Only the holder of the channel's lock may run it. */
export class OutboxDrain<Payload> {
  /** The row that failed last, and since when: it is tried many times while the broker is unavailable, and logged once. */
  private refused = { seq: 0, since: 0, isLogged: false };

  constructor(private readonly options: OutboxDrainOptions<Payload>) {}

  /** Runs until `ended` is aborted. @throws when the connection is lost */
  async run({ query, listen }: DedicatedConnection, ended: AbortSignal): Promise<void> {
    const { channel, clock } = this.options;
    const backoff = new Backoff({ minMs: 100, maxMs: 5_000 });
    const work = new Latch();
    ended.addEventListener('abort', () => work.open());
    await listen(notificationOf(this.options), () => work.open());

    while (!ended.aborted) {
      work.close();
      const rows = await readOutbox<Payload>(query, channel, BATCH);
      const published = await this.publishInOrder(rows, ended);
      const last = rows[published - 1];
      if (last !== undefined) await deleteOutbox(query, channel, last.seq);
      if (rows.length === 0) await work.wait(clock, POLL_MS);
      else if (published === rows.length) backoff.reset();
      else await wait({ clock, ms: backoff.nextMs(), signal: ended });
    }
  }

  /** Returns how many rows were confirmed: all, or those before the first that failed. */
  private async publishInOrder(rows: readonly OutboxRow<Payload>[], ended: AbortSignal): Promise<number> {
    const { channel, logger, publish } = this.options;
    let published = 0;
    for (const row of rows) {
      if (ended.aborted) break;
      try {
        await publish(row);
      } catch (error) {
        if (this.isToLog(row.seq))
          logger.warn({ channel, seq: row.seq, reason: describeError(error) }, 'outbox row not confirmed, retrying');
        break;
      }
      published += 1;
    }
    return published;
  }

  private isToLog(seq: number): boolean {
    const { clock, patienceMs = 0 } = this.options;
    const now = clock.monotonic();
    if (this.refused.seq !== seq) this.refused = { seq, since: now, isLogged: false };
    if (this.refused.isLogged || now - this.refused.since < patienceMs) return false;
    return (this.refused.isLogged = true);
  }
}
