import type { JsonValue } from '@signalbox/platform';
import type { EntityManager, QueryRunner } from 'typeorm';
import type { StreamChange } from './append-to-stream.js';

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

/** As `appendToStream`, and in the same statement: what the message is answered with, and the number. */
const KEEP_AND_APPEND = `
  WITH next AS (UPDATE stream SET seq = seq + 1 WHERE name = $4 RETURNING seq),
       appended AS (INSERT INTO outbox (stream, seq, changes) SELECT $4, seq, $5::json FROM next),
       kept AS (UPDATE inbox SET reply = $3::json, seq = next.seq FROM next WHERE consumer = $1 AND message_id = $2)
  SELECT seq, pg_notify('outbox:' || current_schema() || ':' || $4, '') FROM next`;

export interface Kept {
  readonly key: InboxKey;
  readonly reply: JsonValue;
  readonly stream: string;
  readonly changes: readonly StreamChange[];
}

/** Keeps the answer, and numbers the changes if there are any. Must be the transaction's last statement: see `appendToStream`. */
export async function keep(manager: EntityManager, { key, reply, stream, changes }: Kept): Promise<number | undefined> {
  const parameters = [key.consumer, key.messageId, JSON.stringify(reply)];
  if (changes.length === 0) {
    await manager.query(KEEP, parameters);
    return undefined;
  }
  const [row] = await manager.query<{ seq: string }[]>(KEEP_AND_APPEND, [
    ...parameters,
    stream,
    JSON.stringify(changes),
  ]);
  if (row === undefined) throw new Error(`there is no stream "${stream}" in this schema: a migration must create it`);
  return Number(row.seq);
}

/** Forgets messages older than `olderThanMs`; one that comes again after that acts again. Returns how many. */
export async function forgetOldMessages(manager: EntityManager, olderThanMs: number): Promise<number> {
  const [row] = await manager.query<{ count: string }[]>(
    `WITH old AS (DELETE FROM inbox WHERE received_at < now() - $1 * interval '1 ms' RETURNING 1) SELECT count(*) FROM old`,
    [olderThanMs],
  );
  return Number(row?.count ?? 0);
}
