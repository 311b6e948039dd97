import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../test/connection-examples.js';
import { isMembers, type JsonValue, type Members } from '../json.js';
import { TARGET_MEMBERS } from './connection-members.js';
import { splitConnection } from './connection-secrets.js';
import { targetsOf } from './connection-targets.js';
import { mergeConnection } from './merge-connection.js';

const merged = (stored: Members, patch: Members): Members => mergeConnection(stored, patch).connection;

const named = EXAMPLES.map((each) => [each['type'] as string, each] as const);

describe.each(named)('a %s connection', (_type, full) => {
  it('loses nothing when a client sends back what it read', () => {
    const { shown } = splitConnection(full);
    const read = { ...shown, resource: 'r', attributes: { dialectName: 'd' } };
    const { connection, dropped } = mergeConnection(full, read);
    const { resource: _, attributes: __, ...settings } = connection;
    expect([settings, dropped]).toEqual([full, []]);
  });
});

describe('a connection after a PATCH', () => {
  it('keeps members that are left out and changes those that are given', () => {
    const before: Members = { type: 'postgres', postgresConnection: { host: 'h', password: 'p', port: 1 } };
    expect(merged(before, { postgresConnection: { databaseName: 'other' } })).toEqual({
      type: 'postgres',
      postgresConnection: { host: 'h', password: 'p', port: 1, databaseName: 'other' },
    });
  });

  it('removes settings that are null, credentials too, also of attached databases', () => {
    const before: Members = { type: 'postgres', postgresConnection: { host: 'h', password: 'p', port: 1 } };
    expect(merged(before, { postgresConnection: { password: null, port: null } })).toEqual({
      type: 'postgres',
      postgresConnection: { host: 'h' },
    });
    const s3 = { name: 'a', type: 's3', s3Connection: { accessKeyId: 'k', secretAccessKey: 'x', sessionToken: 't' } };
    const duckdb: Members = { type: 'duckdb', duckdbConnection: { attachedDatabases: [s3] } };
    const patched = { name: 'a', type: 's3', s3Connection: { sessionToken: null } };
    expect(merged(duckdb, { duckdbConnection: { attachedDatabases: [patched] } })).toEqual({
      type: 'duckdb',
      duckdbConnection: {
        attachedDatabases: [{ ...s3, s3Connection: { accessKeyId: 'k', secretAccessKey: 'x' } }],
      },
    });
    expect(merged(duckdb, { duckdbConnection: { attachedDatabases: null } })).toEqual({
      type: 'duckdb',
      duckdbConnection: {},
    });
    expect(merged(duckdb, { duckdbConnection: null })).toEqual({ type: 'duckdb' });
  });

  it('removes attached databases that are left out, and gives no password to another type under the same name', () => {
    const attached = (...databases: Members[]): Members => ({ duckdbConnection: { attachedDatabases: databases } });
    const before = attached(
      { name: 'a', type: 's3', s3Connection: { accessKeyId: 'k', secretAccessKey: 'x' } },
      { name: 'b', type: 'gcs', gcsConnection: { keyId: 'k', secret: 'y' } },
    );
    const wanted = attached({ name: 'a', type: 'gcs', gcsConnection: { keyId: 'z' } });
    expect(merged(before, wanted)).toEqual(wanted);
  });
});

/** What names the server and the account, by the settings that have it. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  postgresConnection: ['host', 'port', 'userName', 'connectionString'],
  mysqlConnection: ['host', 'port', 'user'],
  bigqueryConnection: ['defaultProjectId', 'billingProjectId'],
  snowflakeConnection: ['account', 'username'],
  trinoConnection: ['server', 'port', 'user'],
  motherduckConnection: [],
  gcsConnection: ['keyId'],
  s3Connection: ['accessKeyId', 'region', 'endpoint'],
};

interface Case {
  readonly type: string;
  readonly member: string;
  readonly full: Members;
  /** A PATCH that changes one setting. */
  readonly patchOf: (settings: Members) => Members;
  readonly settings: Members;
  /** Precedes the place of a credential. */
  readonly within: string;
}

/** Each object of settings of the examples, alone or in an attached database. */
const CASES: Case[] = EXAMPLES.flatMap((full): Case[] => {
  const type = full['type'] as string;
  const { duckdbConnection: duckdb, ...rest } = full;
  const attached = isMembers(duckdb) ? (duckdb['attachedDatabases'] as Members[]) : [];
  const own = (from: Members, within: string, patchOf: (member: string, settings: Members) => Members): Case[] =>
    Object.entries(from)
      .filter(([name, value]) => name.endsWith('Connection') && isMembers(value))
      .map(([member, settings]) => ({
        type: `${type} ${within}`,
        member,
        full,
        settings: settings as Members,
        within,
        patchOf: (change) => patchOf(member, change),
      }));
  return [
    ...own(rest, '', (member, change) => ({ [member]: change })),
    ...attached.flatMap((database) =>
      own(database, `${database['name'] as string}/`, (member, change) => ({
        duckdbConnection: {
          attachedDatabases: attached.map((each) =>
            each === database ? { name: each['name'] as string, type: each['type'] as string, [member]: change } : each,
          ),
        },
      })),
    ),
  ];
});

/** Each setting with another value. */
const CHANGES = CASES.flatMap((each) =>
  [...new Set([...Object.keys(each.settings), ...(TARGETS[each.member] ?? [])])].map(
    (name) => [each.type, each.member, name, each] as const,
  ),
);
const other = (value: JsonValue | undefined): JsonValue =>
  typeof value === 'number' ? value + 1 : `postgres://other/${JSON.stringify(value ?? null).length}`;
const credentialsOf = ({ full, within, member }: Case, but: string): string[] =>
  Object.keys(splitConnection(full).secrets).filter(
    (place) => place.startsWith(`${within}${member}.`) && place !== `${within}${member}.${but}`,
  );

describe('the target of a connection', () => {
  it('is named by these members', () => {
    expect(TARGET_MEMBERS).toEqual(TARGETS);
    expect(new Set(CASES.map(({ member }) => member))).toEqual(new Set(Object.keys(TARGETS)));
  });

  it.each(CHANGES)('of %s: %s.%s decides whether stored credentials stay', (_type, member, name, each) => {
    const patch = each.patchOf({ [name]: other(each.settings[name]) });
    const { connection, dropped } = mergeConnection(each.full, patch);
    const isTarget = TARGETS[member]?.includes(name) ?? false;
    expect([...dropped].sort()).toEqual(isTarget ? credentialsOf(each, name).sort() : []);
    // Those of the other settings stay, and no credential is left that was dropped.
    const { [`${each.within}${member}.${name}`]: _, ...others } = splitConnection(each.full).secrets;
    const kept = Object.entries(others).filter(([place]) => !dropped.includes(place));
    const { [`${each.within}${member}.${name}`]: __, ...after } = splitConnection(connection).secrets;
    expect(after).toEqual(Object.fromEntries(kept));
    const targets = [each.full, connection].map((full) => targetsOf(splitConnection(full).shown));
    expect(targets[0] === targets[1]).toBe(!isTarget);
  });

  it.each(CHANGES)('of %s: %s.%s is changed with credentials of the new target', (_type, _member, name, each) => {
    const given = Object.fromEntries(
      credentialsOf(each, name).map((place) => [place.slice(place.lastIndexOf('.') + 1), 'postgres://given/x']),
    );
    const patch = each.patchOf({ ...given, [name]: other(each.settings[name]) });
    const { connection, dropped } = mergeConnection(each.full, patch);
    expect(dropped).toEqual([]);
    for (const place of credentialsOf(each, name))
      expect(splitConnection(connection).secrets[place]).toBe('postgres://given/x');
  });

  it('is the same when a form sends it back, and another one when a part of it is removed', () => {
    const before: Members = { type: 'mysql', mysqlConnection: { host: 'h', port: 3306, password: 'p' } };
    const patch = (settings: Members) => mergeConnection(before, { mysqlConnection: settings }).dropped;
    expect(patch({ host: 'h', port: '3306' })).toEqual([]);
    expect(patch({ port: null })).toEqual(['mysqlConnection.password']);
    // A credential that the body removes was not dropped by us.
    expect(patch({ port: null, password: null })).toEqual([]);
    expect(mergeConnection(before, { mysqlConnection: null })).toEqual({ connection: { type: 'mysql' }, dropped: [] });
  });
});
