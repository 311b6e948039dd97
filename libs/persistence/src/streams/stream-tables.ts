import type { QueryRunner } from 'typeorm';

/**
 * For a migration of the service that owns `stream`: the tables behind a state stream, in the service's own schema.
 *
 * `stream` holds the number of the last delta of each stream, and `outbox` the deltas that were committed and not yet published.
 * The changes are `json`, which keeps the text as it was written: no query reads a member of them.
 */
export async function createStreamTables(runner: QueryRunner, stream: string): Promise<void> {
  await runner.query('CREATE TABLE stream (name text PRIMARY KEY, epoch bigint NOT NULL, seq bigint NOT NULL)');
  await runner.query(`CREATE TABLE outbox (
    stream text NOT NULL REFERENCES stream (name),
    seq bigint NOT NULL,
    changes json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream, seq)
  )`);
  await createChannel(runner, stream);
}

/** For a migration of a service with these tables: a further channel of its outbox. */
export async function createChannel(runner: QueryRunner, channel: string): Promise<void> {
  await runner.query('INSERT INTO stream (name, epoch, seq) VALUES ($1, 0, 0)', [channel]);
}

/** Undoes `createChannel`. */
export async function dropChannel(runner: QueryRunner, channel: string): Promise<void> {
  await runner.query('DELETE FROM outbox WHERE stream = $1', [channel]);
  await runner.query('DELETE FROM stream WHERE name = $1', [channel]);
}

/** Undoes `createStreamTables`. */
export async function dropStreamTables(runner: QueryRunner): Promise<void> {
  await runner.query('DROP TABLE outbox');
  await runner.query('DROP TABLE stream');
}
