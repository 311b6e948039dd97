import type { ConnectionEntry } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { namedConnection } from './named-connection.js';

const entry = (project: string, name: string, host: string): ConnectionEntry => ({
  project,
  name,
  type: 'postgres',
  config: { postgresConnection: { host, port: 5_432, userName: 'u', connectionString: 'postgres://h/d' } },
  is_configured: false,
  version: 1,
});
const STORED = [entry('a', 'db', 'one'), entry('b', 'db', 'two'), entry('c', 'db', 'two')];
const found = (body: unknown): string | undefined =>
  namedConnection(body, (name) => STORED.filter((each) => each.name === name))?.project;

const shown = { host: 'two', port: 5_432, userName: 'u', connectionString: 'postgres://h/d' };
const read = { name: 'db', type: 'postgres', attributes: { dialectName: 'postgres' }, postgresConnection: shown };

describe('the body of a test', () => {
  it.each<[string, object, string | undefined]>([
    ['its resource', { ...read, resource: '/api/v0/projects/b/connections/db' }, 'b'],
    ['its project and name', { ...read, project: 'c' }, 'c'],
    ['its name', read, 'b'],
    ['blank credentials', { ...read, postgresConnection: { ...shown, password: '', port: '5432' } }, 'b'],
  ])('names a stored connection by %s', (_what, body, project) => {
    expect(found(body)).toBe(project);
  });

  it.each<[string, unknown]>([
    ['no object', [read]],
    ['no name', { ...read, name: undefined }],
    ['another name', { ...read, name: 'other' }],
    ['another name than its resource', { ...read, name: 'x', resource: '/api/v0/projects/b/connections/db' }],
    ['another project than its resource', { ...read, project: 'c', resource: '/api/v0/projects/b/connections/db' }],
    ['a resource that is no connection', { ...read, resource: '/api/v0/projects/b/packages/db' }],
    ['a project where it is another', { ...read, project: 'a' }],
    ['another type', { ...read, type: 'mysql', postgresConnection: undefined, mysqlConnection: { host: 'two' } }],
    ['another host', { ...read, postgresConnection: { ...shown, host: 'evil' } }],
    ['another port', { ...read, postgresConnection: { ...shown, port: 5_433 } }],
    ['no port', { ...read, postgresConnection: { ...shown, port: undefined } }],
    ['another user', { ...read, postgresConnection: { ...shown, userName: 'v' } }],
    ['one setting more', { ...read, postgresConnection: { ...shown, databaseName: 'd' } }],
    ['no settings', { ...read, postgresConnection: undefined }],
    ['a password', { ...read, postgresConnection: { ...shown, password: 'p' } }],
    ['another string', { ...read, postgresConnection: { ...shown, connectionString: 'postgres://evil/d' } }],
    ['a string with a password', { ...read, postgresConnection: { ...shown, connectionString: 'postgres://u:p@h/d' } }],
  ])('with %s names none', (_what, body) => {
    expect(found(JSON.parse(JSON.stringify(body)))).toBeUndefined();
  });
});
