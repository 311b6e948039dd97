import { describe, expect, it } from 'vitest';
import { connection } from './connection.js';
import { connectionNeeds } from './connection-needs.js';
import type { Members } from '../json.js';
import { EXAMPLES } from '../../test/connection-examples.js';
import { joinConnection, shownConnectionString, splitConnection } from './connection-secrets.js';

const named = EXAMPLES.map((each) => [each['type'] as string, each] as const);

describe.each(named)('a %s connection', (_type, full) => {
  it('is valid and complete', () => {
    expect(connectionNeeds(connection.parse(full))).toEqual([]);
  });

  it('is split into credentials and everything else, and joined again', () => {
    const { shown, secrets } = splitConnection(full);
    expect(JSON.stringify(shown)).not.toContain('CANARY');
    expect(Object.keys(secrets).length).toBeGreaterThan(0);
    expect(joinConnection({ shown, secrets })).toEqual(full);
  });

  it('refuses a member that is not documented', () => {
    const member = Object.keys(full).find((name) => name.endsWith('Connection')) ?? '';
    expect(connection.safeParse({ ...full, [member]: { ...(full[member] as Members), extra: 1 } }).success).toBe(false);
    expect(connection.safeParse({ ...full, extra: 1 }).success).toBe(false);
  });
});

describe('a shown connection string', () => {
  it.each([
    ['postgres://u:p@h:1/d', 'postgres://h:1/d'],
    ['postgresql://u:p%40x@h/d?sslmode=require&password=x&options=-c%20x%3Dy#f', 'postgresql://h/d?sslmode=require'],
    ['host=h password=p', undefined],
    ['postgres://u:p@[', undefined],
    ['https://u:p@h/d', undefined],
    ['postgres://reader:12/s3cr3t@db.example/app', undefined],
    ['postgres://reader:/s3cr3t@db/app', undefined],
    ['postgres://us/er:pw@host/db', undefined],
    ['postgres://u:1/a%40b/c', undefined],
    ['postgres:///d', undefined],
    ['postgres://h', 'postgres://h'],
  ])('%s is shown as %s', (link, shown) => {
    expect(shownConnectionString(link)).toBe(shown);
  });
});

describe('what a connection needs', () => {
  it.each([
    [
      { name: 'x', type: 'snowflake', snowflakeConnection: { account: 'a' } },
      ['snowflakeConnection.username', 'snowflakeConnection.warehouse', 'snowflakeConnection'],
    ],
    [{ name: 'x', type: 'trino', trinoConnection: {} }, ['trinoConnection.server']],
    [{ name: 'x', type: 'trino', trinoConnection: { server: 'ftp://h' } }, ['trinoConnection.server']],
    [{ name: 'x', type: 'trino', trinoConnection: { server: 'http://u:p@h' } }, ['trinoConnection.server']],
    [
      { name: 'x', type: 'trino', trinoConnection: { server: 'http://h', password: 'p' } },
      ['trinoConnection.password'],
    ],
    [{ name: 'x', type: 'motherduck', motherduckConnection: {} }, ['motherduckConnection.accessToken']],
    [{ name: 'duckdb', type: 'duckdb' }, ['name']],
    [
      {
        name: 'x',
        type: 'duckdb',
        duckdbConnection: { attachedDatabases: [{ name: 'x', type: 'gcs', gcsConnection: { keyId: 'k' } }] },
      },
      ['duckdbConnection.attachedDatabases.0.name', 'duckdbConnection.attachedDatabases.0.gcsConnection.secret'],
    ],
    [
      { name: 'x', type: 'bigquery', bigqueryConnection: { serviceAccountKeyJson: '{"type":"user"}' } },
      ['bigqueryConnection.serviceAccountKeyJson'],
    ],
    [{ name: 'x', type: 'postgres' }, ['postgresConnection']],
    [{ name: 'x', type: 'postgres', postgresConnection: { port: 5432 } }, ['postgresConnection']],
    [{ name: 'x', type: 'postgres', postgresConnection: { connectionString: 'postgres://h/d' } }, []],
    [{ name: 'x', type: 'mysql', mysqlConnection: { user: 'u' } }, ['mysqlConnection.host']],
    [
      {
        name: 'x',
        type: 'duckdb',
        duckdbConnection: { attachedDatabases: [{ name: 'a', type: 'postgres', postgresConnection: {} }] },
      },
      ['duckdbConnection.attachedDatabases.0.postgresConnection'],
    ],
    [{ name: 'x', type: 'duckdb' }, []],
  ])('%j: %j', (body, paths) => {
    expect(connectionNeeds(connection.parse(body)).map(({ path }) => path)).toEqual(paths);
  });
});
