import { describe, expect, it } from 'vitest';
import { connection } from './connection.js';
import { connectionNeeds } from './connection-needs.js';
import type { Members } from '../json.js';
import { joinConnection, mergeConnection, shownConnectionString, splitConnection } from './connection-secrets.js';

/** One of each type with every member its document names; each credential is a canary. */
const ALL: Members[] = [
  {
    name: 'pg',
    type: 'postgres',
    postgresConnection: {
      host: 'h',
      port: 5432,
      databaseName: 'd',
      userName: 'u',
      password: 'CANARY-1',
      connectionString: 'postgres://u:CANARY-2@h:5432/d?sslmode=require&password=CANARY-3',
    },
  },
  {
    name: 'my',
    type: 'mysql',
    mysqlConnection: { host: 'h', port: 3306, database: 'd', user: 'u', password: 'CANARY-4' },
  },
  {
    name: 'bq',
    type: 'bigquery',
    bigqueryConnection: {
      defaultProjectId: 'p',
      billingProjectId: 'b',
      location: 'EU',
      serviceAccountKeyJson: '{"type":"service_account","project_id":"p","client_email":"e","private_key":"CANARY-5"}',
      maximumBytesBilled: '1',
      queryTimeoutMilliseconds: '2',
    },
  },
  {
    name: 'sf',
    type: 'snowflake',
    snowflakeConnection: {
      account: 'a',
      username: 'u',
      password: 'CANARY-6',
      privateKey: 'CANARY-7\n',
      privateKeyPass: 'CANARY-8',
      warehouse: 'w',
      database: 'd',
      schema: 's',
      role: 'r',
      responseTimeoutMilliseconds: 3,
    },
  },
  {
    name: 'tr',
    type: 'trino',
    trinoConnection: {
      server: 'https://t',
      port: 8443,
      catalog: 'c',
      schema: 's',
      user: 'u',
      password: 'CANARY-9',
      peakaKey: 'CANARY-10',
    },
  },
  { name: 'md', type: 'motherduck', motherduckConnection: { accessToken: 'CANARY-11', database: 'd' } },
  {
    name: 'dd',
    type: 'duckdb',
    duckdbConnection: {
      attachedDatabases: [
        {
          name: 'a1',
          type: 'postgres',
          postgresConnection: { host: 'h', password: 'CANARY-12', connectionString: 'host=h password=CANARY-13' },
        },
        { name: 'a2', type: 'gcs', gcsConnection: { keyId: 'k', secret: 'CANARY-14' } },
        {
          name: 'a3',
          type: 's3',
          s3Connection: {
            accessKeyId: 'k',
            secretAccessKey: 'CANARY-15',
            region: 'eu-west-1',
            endpoint: 'e',
            sessionToken: 'CANARY-16',
          },
        },
        { name: 'a4', type: 'snowflake', snowflakeConnection: { account: 'a', username: 'u', password: 'CANARY-17' } },
        {
          name: 'a5',
          type: 'bigquery',
          bigqueryConnection: {
            serviceAccountKeyJson:
              '{"type":"service_account","project_id":"p","client_email":"e","private_key":"CANARY-18"}',
          },
        },
      ],
    },
  },
];
const named = ALL.map((each) => [each['type'] as string, each] as const);

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

  it('loses nothing when a client sends back what it read', () => {
    const { shown } = splitConnection(full);
    const read = { ...shown, resource: 'r', attributes: { dialectName: 'd' } };
    const { resource: _, attributes: __, ...merged } = mergeConnection(full, read);
    expect(merged).toEqual(full);
  });

  it('refuses a member that is not documented', () => {
    const member = Object.keys(full).find((name) => name.endsWith('Connection')) ?? '';
    expect(connection.safeParse({ ...full, [member]: { ...(full[member] as Members), extra: 1 } }).success).toBe(false);
    expect(connection.safeParse({ ...full, extra: 1 }).success).toBe(false);
  });
});

describe('merging', () => {
  it('keeps members that are left out and changes those that are given', () => {
    const before: Members = { type: 'postgres', postgresConnection: { host: 'h', password: 'p', port: 1 } };
    expect(mergeConnection(before, { postgresConnection: { host: 'other' } })).toEqual({
      type: 'postgres',
      postgresConnection: { host: 'other', password: 'p', port: 1 },
    });
  });

  it('removes settings that are null, credentials too, also of attached databases', () => {
    const before: Members = { type: 'postgres', postgresConnection: { host: 'h', password: 'p', port: 1 } };
    expect(mergeConnection(before, { postgresConnection: { password: null, port: null } })).toEqual({
      type: 'postgres',
      postgresConnection: { host: 'h' },
    });
    const s3 = { name: 'a', type: 's3', s3Connection: { accessKeyId: 'k', secretAccessKey: 'x', sessionToken: 't' } };
    const duckdb: Members = { type: 'duckdb', duckdbConnection: { attachedDatabases: [s3] } };
    const patched = { name: 'a', type: 's3', s3Connection: { sessionToken: null } };
    expect(mergeConnection(duckdb, { duckdbConnection: { attachedDatabases: [patched] } })).toEqual({
      type: 'duckdb',
      duckdbConnection: {
        attachedDatabases: [{ ...s3, s3Connection: { accessKeyId: 'k', secretAccessKey: 'x' } }],
      },
    });
    expect(mergeConnection(duckdb, { duckdbConnection: { attachedDatabases: null } })).toEqual({
      type: 'duckdb',
      duckdbConnection: {},
    });
    expect(mergeConnection(duckdb, { duckdbConnection: null })).toEqual({ type: 'duckdb' });
  });

  it('removes attached databases that are left out, and gives no password to another type under the same name', () => {
    const attached = (...databases: Members[]): Members => ({ duckdbConnection: { attachedDatabases: databases } });
    const before = attached(
      { name: 'a', type: 's3', s3Connection: { accessKeyId: 'k', secretAccessKey: 'x' } },
      { name: 'b', type: 'gcs', gcsConnection: { keyId: 'k', secret: 'y' } },
    );
    const wanted = attached({ name: 'a', type: 'gcs', gcsConnection: { keyId: 'z' } });
    expect(mergeConnection(before, wanted)).toEqual(wanted);
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
