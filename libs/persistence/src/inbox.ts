import type { JsonValue } from '@signalbox/platform';
import type { EntityManager, QueryRunner } from 'typeorm';
import { appendToOutbox } from './outbox/outbox.js';
import type { StreamChange } from './streams/stream-change.js';

/** A message and its consumer. Two consumers may each handle the same message once. */
export interface InboxKey {
  readonly consumer: string;
  readonly messageId: string;
}

/** The stored result of a message, with which every delivery of it is answered. */
export interface Outcome<Reply> {
  readonly reply: Reply;
  /** The number of its changes in the stream; undefined where it changed no entry. */
  readonly seq: number | undefined;
  /** True when the message was handled before: nothing was changed now. */
  readonly replayed: boolean;
}

/** For a migration: the table of handled messages, in the service's own schema. */
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
 * Takes a message into the inbox. Of several deliveries at once, one continues and the others wait for its commit. Returns the
 * stored outcome where the message was handled before.
 */
export async function receive<Reply>(
  manager: EntityManager,
  { consumer, messageId }: InboxKey,
): Promise<Outcome<Reply> | undefined> {
  const inserted = await manager.query<unknown[]>(
    'INSERT INTO inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true',
    [consumer, messageId],
  );
  if (inserted.length > 0) return undefined;
  const [row] = await manager.query<{ reply: Reply; seq: string | null }[]>(
    'SELECT reply, seq FROM inbox WHERE consumer = $1 AND message_id = $2',
    [consumer, messageId],
  );
  if (row === undefined)
    throw new Error(`the inbox row of message ${messageId} for ${consumer} was deleted while it was read`);
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

/** Deletes the rows of messages older than `olderThanMs`: one that is delivered again later is handled again. Returns how many. */
export async function deleteOldMessages(manager: EntityManager, olderThanMs: number): Promise<number> {
  const [row] = await manager.query<{ count: string }[]>(
    `WITH old AS (DELETE FROM inbox WHERE received_at < now() - $1 * interval '1 ms' RETURNING 1) SELECT count(*) FROM old`,
    [olderThanMs],
  );
  return Number(row?.count ?? 0);
}
