import 'reflect-metadata';
import { SERVICES } from '@signalbox/local-infra';
import { migrate, NotYet } from '@signalbox/persistence';
import { createLogger } from '@signalbox/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrationsOf } from '../support/migrations.js';
import { RoleServer } from '../support/role-server.js';

const logger = createLogger({ name: 'test', level: 'silent' });
/** Of the audit trail that dataplane-control kept: some of its oldest entries were deleted. */
const FORMER = [
  { number: '5', at: '2026-01-01T00:00:00.123Z', request_id: 'req_5', action: 'restart-dataplane', detail: { a: [1] } },
  { number: '6', at: '2026-01-02T00:00:00.000Z', request_id: 'req_5', action: 'create-key', detail: {} },
  { number: '7', at: '2026-01-03T00:00:00.000Z', request_id: 'req_7', action: 'create-key', detail: {} },
];

/** A server that an earlier release has used. */
describe('the roles of the audit trail', () => {
  let server: RoleServer;

  const trail = () =>
    server.query(
      server.urlOf('journal'),
      "SELECT number, to_json(at)#>>'{}' AS at, request_id, action, detail FROM audit ORDER BY number",
    );

  beforeAll(async () => {
    server = await RoleServer.start();
    await server.provision({ earlier: true });
    await server.migrateAs('dataplane-control', { without: 1 });
    await server.query(
      server.urlOf('dataplane-control'),
      ...FORMER.map(
        ({ number, at, request_id, action, detail }) =>
          `INSERT INTO audit (number, at, action, resource, address, request_id, result, detail)
           VALUES (${number}, '${at}', '${action}', 'x', '::1', '${request_id}', 'done', '${JSON.stringify(detail)}')`,
      ),
    );
    await server.provision();
  });
  afterAll(() => server?.stop());

  it('let the journal not migrate its schema, which belongs to another role', async () => {
    await expect(server.migrateAs('journal')).rejects.toThrow(
      /The schema "journal" belongs to signalbox_owner and is not current \(Audit.+\)\. .*`npm start`/,
    );
  });

  it('make the journal wait for dataplane-control, which adds entries until it is migrated', async () => {
    const waiting = migrate({
      url: server.superuserUrl,
      schema: 'other_journal',
      migrations: await migrationsOf('journal'),
      applicationName: 'test',
      logger,
    });
    await expect(waiting).rejects.toThrow(NotYet);
  });

  it('carry the entries of the earlier release over once, with their numbers', async () => {
    await server.migrateSchemas();
    const expected = FORMER.map((entry) => ({
      ...entry,
      at: expect.stringContaining(entry.at.slice(0, 19)) as string,
    }));
    expect(await trail()).toEqual(expected);
    await server.provision();
    await server.migrateSchemas();
    await server.migrateAs('dataplane-control');
    await server.migrateAs('journal');
    expect(await trail()).toEqual(expected);
  });

  it('let the journal add entries and read them, and nothing else', async () => {
    const url = server.urlOf('journal');
    const insert = `INSERT INTO audit (number, at, action, resource, address, request_id, result, detail)
      VALUES (8, now(), 'x', 'x', '', 'req_8', 'done', '{}')`;
    await server.query(url, insert);
    for (const statement of [
      "UPDATE audit SET result = 'x'",
      'DELETE FROM audit',
      'TRUNCATE audit',
      'ALTER TABLE audit DISABLE TRIGGER ALL',
      'DROP TRIGGER append_only ON audit',
      'DROP TABLE audit',
      'CREATE TABLE other (id int)',
      'CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE sql AS $$ SELECT null $$',
      'SET ROLE signalbox_owner',
      "INSERT INTO migrations (timestamp, name) VALUES (1, 'x')",
    ])
      expect([statement, await server.query(url, statement).catch(({ message }: Error) => message)]).toEqual([
        statement,
        expect.stringMatching(/permission denied|must be owner/) as string,
      ]);
    expect(await server.query(url, 'SELECT delete_old_audit(1, 100) AS deleted')).toEqual([{ deleted: 0 }]);
    expect(await trail()).toHaveLength(FORMER.length + 1);
  });

  it('let the journal have entries deleted that are older than 30 days, but never the newest', async () => {
    await server.query(
      server.superuserUrl,
      'ALTER TABLE journal.audit DISABLE TRIGGER append_only',
      "UPDATE journal.audit SET recorded_at = now() - interval '31 days'",
      'ALTER TABLE journal.audit ENABLE TRIGGER append_only',
    );
    await server.query(server.urlOf('journal'), 'SELECT delete_old_audit(1, 100)');
    expect(await trail()).toMatchObject([{ number: '8' }]);
  });

  it('let no other service read or add entries, and no client log in as the owner', async () => {
    for (const service of SERVICES.filter((each) => each !== 'journal'))
      for (const statement of ['SELECT FROM journal.audit', 'INSERT INTO journal.audit (number) VALUES (1)'])
        await expect(server.query(server.urlOf(service), statement)).rejects.toThrow(
          'permission denied for schema journal',
        );
    const url = new URL(server.superuserUrl);
    url.username = 'signalbox_owner';
    await expect(server.query(url.href, 'SELECT 1')).rejects.toThrow(
      /not permitted to log in|password authentication failed/,
    );
  });
});
