import { AUDIT_CHANNEL, auditCommand } from '@signalbox/contracts/messages';
import { createStreamTables, openDatabase, type Database } from '@signalbox/persistence';
import { createLogger } from '@signalbox/platform';
import { testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { moveAuditToOutbox, restoreAuditTable } from '../src/audit/audit-table.js';

type Runner = Parameters<typeof moveAuditToOutbox>[0];

/** What a service had before: the tables of a stream, and an audit table with two entries. */
class Before1700000000000 {
  async up(runner: Runner): Promise<void> {
    await createStreamTables(runner, 'things');
    await restoreAuditTable(runner);
    await runner.query(`INSERT INTO audit (at, key_id, request_id, action, resource) VALUES
      ('2026-11-29T12:00:00.123Z', 'key_1', 'req_1', 'create', 'a'), ('2026-11-29T12:00:01Z', NULL, 'req_2', 'delete', 'a')`);
  }

  async down(): Promise<void> {}
}

class Moves1700000000001 {
  async up(runner: Runner): Promise<void> {
    await moveAuditToOutbox(runner, "action || '-thing'");
  }

  async down(runner: Runner): Promise<void> {
    await restoreAuditTable(runner);
  }
}

let server: TestDatabase;
let database: Database;
beforeEach(async () => {
  server = await testDatabase();
  database = await openDatabase({
    url: server.url,
    schema: 'sample',
    entities: [],
    migrations: [Before1700000000000, Moves1700000000001],
    applicationName: 'sample',
    logger: createLogger({ name: 'test', level: 'silent' }),
    poolSize: 2,
  });
});
afterEach(async () => {
  await database.close();
  await server.remove();
});

it('sends the entries of an audit table to the trail, in their order and before those that follow', async () => {
  const rows = await database.dataSource.query<{ seq: string; changes: unknown }[]>(
    'SELECT seq, changes FROM outbox WHERE stream = $1 ORDER BY seq',
    [AUDIT_CHANNEL],
  );
  const entries = rows.map(({ seq, changes }) => ({ seq, ...auditCommand.parse(changes) }));
  const first = { seq: '1', at: Date.parse('2026-11-29T12:00:00.123Z'), action: 'create-thing', key_id: 'key_1' };
  expect(entries).toEqual([
    expect.objectContaining({ ...first, resource: 'a', request_id: 'req_1', result: 'done' }),
    expect.objectContaining({ seq: '2', action: 'delete-thing', key_id: null, request_id: 'req_2' }),
  ]);
  expect(await database.dataSource.query('SELECT seq FROM stream WHERE name = $1', [AUDIT_CHANNEL])).toEqual([
    { seq: '2' },
  ]);
});
