import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  loadOrCreateCredentials,
  provisionPostgres,
  SERVICES,
  SIGNALBOX_DATABASE,
  signalboxRoles,
  startPostgres,
  type Credentials,
  type PostgresServer,
} from '@signalbox/local-infra';
import { migrate, NotYet } from '@signalbox/persistence';
import { createLogger } from '@signalbox/platform';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrationsOf } from '../support/migrations.js';
import { checkout } from '../support/script-run.js';

const logger = createLogger({ name: 'test', level: 'silent' });
/** Of the audit trail that dataplane-control kept: some of its oldest entries were deleted. */
const FORMER = [
  { number: '5', at: '2026-01-01T00:00:00.123Z', request_id: 'req_5', action: 'restart-dataplane', detail: { a: [1] } },
  { number: '6', at: '2026-01-02T00:00:00.000Z', request_id: 'req_5', action: 'create-key', detail: {} },
  { number: '7', at: '2026-01-03T00:00:00.000Z', request_id: 'req_7', action: 'create-key', detail: {} },
];

/** A server with the role of each service, as `npm start` and Docker Compose make it, that an earlier release has used. */
describe('the roles of the audit trail', () => {
  let folder: string;
  let server: PostgresServer;
  let credentials: Credentials;

  const urlOf = (service: (typeof SERVICES)[number]): string => {
    const url = new URL(server.superuserUrl(SIGNALBOX_DATABASE));
    url.username = service.replaceAll('-', '_');
    url.password = credentials.databaseRoles[service];
    return url.href;
  };
  async function query(url: string, ...statements: string[]): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      let rows: unknown[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    } finally {
      await client.end();
    }
  }
  const provision = () =>
    provisionPostgres({
      superuserUrl: server.superuserUrl(),
      database: SIGNALBOX_DATABASE,
      services: signalboxRoles(credentials),
    });
  const migrateAs = async (service: (typeof SERVICES)[number], options: { without?: number } = {}) => {
    const migrations = await migrationsOf(service);
    await migrate({
      url: urlOf(service),
      schema: service.replaceAll('-', '_'),
      migrations: migrations.slice(0, migrations.length - (options.without ?? 0)),
      applicationName: 'test',
      logger,
    });
  };
  const migrateSchemas = async (): Promise<void> => {
    const file = pathToFileURL(join(checkout, 'scripts/migrate-schemas.mjs')).href;
    const script = (await import(file)) as { migrateSchemas: (url: string) => Promise<void> };
    await script.migrateSchemas(server.superuserUrl(SIGNALBOX_DATABASE));
  };
  const trail = () =>
    query(
      urlOf('journal'),
      "SELECT number, to_json(at)#>>'{}' AS at, request_id, action, detail FROM audit ORDER BY number",
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-roles-'));
    credentials = await loadOrCreateCredentials(join(folder, 'credentials.json'));
    server = await startPostgres({
      home: join(folder, 'postgres'),
      logFile: join(folder, 'postgres.log'),
      superuserPassword: credentials.postgresSuperuser,
      settings: { fsync: 'off', timezone: 'UTC' },
    });
    await provision();
    await migrateAs('dataplane-control', { without: 1 });
    await query(
      urlOf('dataplane-control'),
      ...FORMER.map(
        ({ number, at, request_id, action, detail }) =>
          `INSERT INTO audit (number, at, action, resource, address, request_id, result, detail)
           VALUES (${number}, '${at}', '${action}', 'x', '::1', '${request_id}', 'done', '${JSON.stringify(detail)}')`,
      ),
    );
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('let the journal not migrate its schema, which belongs to another role', async () => {
    await expect(migrateAs('journal')).rejects.toThrow(
      /The schema "journal" belongs to signalbox_owner and is not current \(Audit.+\)\. .*`npm start`/,
    );
  });

  it('make the journal wait for dataplane-control, which adds entries until it is migrated', async () => {
    const waiting = migrate({
      url: server.superuserUrl(SIGNALBOX_DATABASE),
      schema: 'other_journal',
      migrations: await migrationsOf('journal'),
      applicationName: 'test',
      logger,
    });
    await expect(waiting).rejects.toThrow(NotYet);
  });

  it('carry the entries of the earlier release over once, with their numbers', async () => {
    await migrateSchemas();
    const expected = FORMER.map((entry) => ({
      ...entry,
      at: expect.stringContaining(entry.at.slice(0, 19)) as string,
    }));
    expect(await trail()).toEqual(expected);
    await provision();
    await migrateSchemas();
    await migrateAs('dataplane-control');
    await migrateAs('journal');
    expect(await trail()).toEqual(expected);
  });

  it('let the journal add entries and read them, and nothing else', async () => {
    const url = urlOf('journal');
    const insert = `INSERT INTO audit (number, at, action, resource, address, request_id, result, detail)
      VALUES (8, now(), 'x', 'x', '', 'req_8', 'done', '{}')`;
    await query(url, insert);
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
      expect([statement, await query(url, statement).catch(({ message }: Error) => message)]).toEqual([
        statement,
        expect.stringMatching(/permission denied|must be owner/) as string,
      ]);
    expect(await query(url, 'SELECT delete_old_audit(1, 100) AS deleted')).toEqual([{ deleted: 0 }]);
    expect(await trail()).toHaveLength(FORMER.length + 1);
  });

  it('let the journal have entries deleted that are older than 30 days, but never the newest', async () => {
    await query(
      server.superuserUrl(SIGNALBOX_DATABASE),
      'ALTER TABLE journal.audit DISABLE TRIGGER append_only',
      "UPDATE journal.audit SET recorded_at = now() - interval '31 days'",
      'ALTER TABLE journal.audit ENABLE TRIGGER append_only',
    );
    await query(urlOf('journal'), 'SELECT delete_old_audit(1, 100)');
    expect(await trail()).toMatchObject([{ number: '8' }]);
  });

  it('let no other service read or add entries, and nobody log in as the owner', async () => {
    for (const service of SERVICES.filter((each) => each !== 'journal'))
      for (const statement of ['SELECT FROM journal.audit', 'INSERT INTO journal.audit (number) VALUES (1)'])
        await expect(query(urlOf(service), statement)).rejects.toThrow('permission denied for schema journal');
    const url = new URL(server.superuserUrl(SIGNALBOX_DATABASE));
    url.username = 'signalbox_owner';
    await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/not permitted to log in|password authentication failed/);
  });
});
