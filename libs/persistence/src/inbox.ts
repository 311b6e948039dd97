import type { JsonValue } from '@signalbox/platform';
import type { EntityManager, QueryRunner } from 'typeorm';
import { appendToOutbox } from './outbox/outbox.js';
import type { StreamChange } from './streams/stream-change.js';

/** Which message, for whom. Two consumers may each act once on the same message. */
export interface InboxKey {
  readonly consumer: string;
  readonly messageId: string;
}

/** What a message led to, and is answered with each time it comes. */
export interface Outcome<Reply> {
  readonly reply: Reply;
  /** The number of its change in the stream; undefined where it changed nothing. */
  readonly seq: number | undefined;
  /** True when this was not the first time: nothing was done now. */
  readonly replayed: boolean;
}

/** For a migration: the table of what was acted on, in the service's own schema. */
export async function createInboxTable(runner: QueryRunner): Promise<void> {
  await runner.query(`CREATE TABLE inbox (
    consumer text NOT NULL,
    message_id text NOT NULL,
    reply json,
    seq bigint,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, message_id)
  )`);
  await runner.query('CREATE INDEX inbox_received_at ON inbox (received_at)');
}

/** Undoes `createInboxTable`. */
export async function dropInboxTable(runner: QueryRunner): Promise<void> {
  await runner.query('DROP TABLE inbox');
}

/**
 * Takes a message into the inbox. Of several that come at once one goes on and the others wait for its commit. Returns what it
 * led to if it was here before.
 */
export async function receive<Reply>(
  manager: EntityManager,
  { consumer, messageId }: InboxKey,
): Promise<Outcome<Reply> | undefined> {
  const fresh = await manager.query<unknown[]>(
    'INSERT INTO inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true',
    [consumer, messageId],
  );
  if (fresh.length > 0) return undefined;
  const [row] = await manager.query<{ reply: Reply; seq: string | null }[]>(
    'SELECT reply, seq FROM inbox WHERE consumer = $1 AND message_id = $2',
    [consumer, messageId],
  );
  if (row === undefined)
    throw new Error(`the inbox forgot the message ${messageId} of ${consumer} while it was looked up`);
  return { reply: row.reply, seq: row.seq === null ? undefined : Number(row.seq), replayed: true };
}

const KEEP = 'UPDATE inbox SET reply = $3::json WHERE consumer = $1 AND message_id = $2';

const KEEP_WITH_SEQ = `
  UPDATE inbox SET reply = $5::json, seq = next.seq FROM next WHERE consumer = $3 AND message_id = $4`;

export interface Kept {
  readonly key: InboxKey;
  readonly reply: JsonValue;
  readonly stream: string;
  readonly changes: readonly StreamChange[];
}

/** Stores the reply and appends the changes, if there are any. Must be the last statement of the transaction: see `appendToOutbox`. */
export async function keep(manager: EntityManager, { key, reply, stream, changes }: Kept): Promise<number | undefined> {
  const parameters = [key.consumer, key.messageId, JSON.stringify(reply)];
  if (changes.length > 0)
    return appendToOutbox(manager, { channel: stream, payload: changes, also: { sql: KEEP_WITH_SEQ, parameters } });
  await manager.query(KEEP, parameters);
  return undefined;
}

/** Forgets messages older than `olderThanMs`; one that comes again after that acts again. Returns how many. */
export async function forgetOldMessages(manager: EntityManager, olderThanMs: number): Promise<number> {
  const [row] = await manager.query<{ count: string }[]>(
    `WITH old AS (DELETE FROM inbox WHERE received_at < now() - $1 * interval '1 ms' RETURNING 1) SELECT count(*) FROM old`,
    [olderThanMs],
  );
  return Number(row?.count ?? 0);
}
